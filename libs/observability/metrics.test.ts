import { describe, expect, it } from 'vitest';
import { createMetrics } from './index.ts';

const bare = () => createMetrics('render', { processMetrics: false });

describe('metrics', () => {
  it('have the label service with the name of the service', async () => {
    const metrics = bare();
    metrics.counter('waybill_rows_total', 'Rows written', ['format']).inc({ format: 'csv' }, 3);
    expect(await metrics.registry.metrics()).toContain('waybill_rows_total{format="csv",service="render"} 3');
  });

  it('are registered once: the same name returns the same metric', async () => {
    const metrics = bare();
    metrics.counter('waybill_rows_total', 'Rows written').inc();
    metrics.counter('waybill_rows_total', 'Rows written').inc();
    expect(await metrics.registry.metrics()).toContain('waybill_rows_total{service="render"} 2');
    expect(() => metrics.gauge('waybill_rows_total', 'Rows written')).toThrow('exists as another kind');
  });

  it('have buckets of seconds that include the limits of the objectives', async () => {
    const metrics = bare();
    metrics.histogram('waybill_accept_seconds', 'To accept', ['route']).observe({ route: 'a' }, 0.25);
    const text = await metrics.registry.metrics();
    expect(text).toContain('waybill_accept_seconds_bucket{le="0.2",service="render",route="a"} 0');
    expect(text).toContain('waybill_accept_seconds_bucket{le="0.3",service="render",route="a"} 1');
  });

  it('call the function of a gauge each time that they are read', async () => {
    const metrics = bare();
    let open = 1;
    metrics.gauge('waybill_open_jobs', 'Jobs in memory', [], (gauge) => gauge.set(open));
    open = 7;
    expect(await metrics.registry.metrics()).toContain('waybill_open_jobs{service="render"} 7');
  });

  it('reject a name without its unit', () => {
    expect(() => bare().counter('waybill_rows', 'Rows')).toThrow('a counter ends in _total');
    expect(() => bare().histogram('waybill_accept_ms', 'Time')).toThrow('a histogram ends in its unit');
  });

  it('include the metrics of the process by default', async () => {
    const text = await createMetrics('render').registry.metrics();
    expect(text).toContain('process_resident_memory_bytes{service="render"}');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(await bare().registry.metrics()).not.toContain('process_');
  });

  it('are separate for two services in one process', async () => {
    const other = createMetrics('notify', { processMetrics: false });
    bare().counter('waybill_rows_total', 'Rows written').inc();
    expect(await other.registry.metrics()).not.toContain('waybill_rows_total');
  });
});
