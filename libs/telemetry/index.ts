export type { Counter, Gauge, Histogram } from 'prom-client';
export { createMetrics, secondsBuckets, type Metrics, type MetricsOptions } from './metrics.ts';
export { childOf, newTraceparent, parseTraceparent, type TraceContext } from './traceparent.ts';
