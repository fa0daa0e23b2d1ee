export { createLogger, silentLogger, type LoggerOptions } from './logger.ts';
export { redact } from './redact.ts';
export { logLevels, type LogFields, type Logger, type LogLevel } from './types.ts';
export type { Counter, Gauge, Histogram } from 'prom-client';
export { createMetrics, secondsBuckets, type Metrics, type MetricsOptions } from './metrics.ts';
export { childOf, newTraceparent, parseTraceparent, type TraceContext } from './traceparent.ts';
