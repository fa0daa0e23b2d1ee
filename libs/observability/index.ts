export { createLogger, silentLogger } from './logger.ts';
export { redact } from './redact.ts';
export { type Logger, type LogLevel } from './types.ts';
export type { Counter, Histogram } from 'prom-client';
export { createMetrics, type Metrics } from './metrics.ts';
export { childOf, newTraceparent, parseTraceparent } from './traceparent.ts';
