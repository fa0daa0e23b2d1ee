import { createApp, createRouter, type HttpServer } from '@waybill/http';
import { createLogger, createMetrics } from '@waybill/observability';
import { afterEach, describe, expect, it } from 'vitest';
import { createProbes, serveHttp, type ServeHttpOptions } from './index.ts';

const servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function given(options: Partial<ServeHttpOptions> = {}) {
  const written: string[] = [];
  const served = {
    host: '127.0.0.1',
    port: 0,
    operatorPort: 0,
    probes: createProbes({ timeoutMs: 50 }),
    metrics: createMetrics('test', { processMetrics: false }),
    logger: createLogger({ service: 'test', destination: { write: (line: string) => written.push(line) } }),
    ...options,
  };
  const server = await serveHttp(served);
  servers.push(server);
  const at = (port: number) => (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${port}${path}`, init);
  return { ...served, written, get: at(server.port), operator: at(server.operatorPort) };
}

describe('serveHttp at the operator port', () => {
  it('answers 200 at /livez while the event loop runs, whatever the state of its dependencies', async () => {
    const { probes, operator: get } = await given();
    probes.add('kafka', () => Promise.reject(new Error('down')));
    expect((await get('/livez')).status).toBe(200);
  });

  it('answers 200 at /readyz when every dependency answers and 503 otherwise, with the state of each', async () => {
    const { probes, operator: get } = await given();
    let up = false;
    probes.add('kafka', () => Promise.resolve());
    probes.add('mongodb', () => (up ? Promise.resolve() : Promise.reject(new Error('10.0.0.7 refused'))));
    const failed = await get('/readyz');
    expect([failed.status, await failed.json()]).toEqual([
      503,
      { ready: false, checks: { kafka: 'ok', mongodb: 'failed' } },
    ]);
    up = true;
    const recovered = await get('/readyz?from=prober');
    expect([recovered.status, await recovered.json()]).toEqual([
      200,
      { ready: true, checks: { kafka: 'ok', mongodb: 'ok' } },
    ]);
  });

  it('answers 503 at /readyz when a dependency hangs', async () => {
    const { probes, operator: get } = await given();
    probes.add('redis', () => new Promise(() => undefined));
    const response = await get('/readyz');
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, checks: { redis: 'failed' } },
    ]);
    expect((await probes.check()).errors['redis']?.message).toBe('no answer within 50 ms');
  });

  it('answers at /metrics in the text format of Prometheus', async () => {
    const { metrics, operator: get } = await given();
    metrics.counter('waybill_rows_total', 'Rows written').inc(3);
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('waybill_rows_total{service="test"} 3');
  });

  it('answers 500 at /metrics when a gauge cannot be read, logs the error, and answers 200 at /livez', async () => {
    const { metrics, operator: get, written } = await given();
    metrics.gauge('waybill_lag_messages', 'Lag', [], () => Promise.reject(new Error('no broker')));
    expect((await get('/metrics')).status).toBe(500);
    expect((await get('/livez')).status).toBe(200);
    expect(written.join()).toContain('no broker');
  });

  it('omits requests to the operator paths from the access log', async () => {
    const { operator, get, written } = await given();
    await Promise.all(['/livez', '/readyz', '/metrics'].map((path) => operator(path)));
    await get('/other');
    await expect.poll(() => written.filter((line) => line.includes('"message":"request"'))).toHaveLength(1);
  });

  it('answers 404 for any other path and method, and has none of the three paths at the port of the routes', async () => {
    const { operator, get } = await given();
    expect((await operator('/hello')).status).toBe(404);
    expect((await operator('/metrics', { method: 'POST' })).status).toBe(404);
    for (const path of ['/livez', '/readyz', '/metrics']) expect((await get(path)).status).toBe(404);
  });
});

describe('serveHttp at other paths', () => {
  const router = createRouter();
  router.get('/hello', (ctx) => {
    ctx.body = { hello: true };
  });

  it('answers with the routes of a router', async () => {
    const { get } = await given({ router });
    expect(await (await get('/hello')).json()).toEqual({ hello: true });
    expect((await get('/hello', { method: 'POST' })).status).toBe(405);
  });

  it('answers with an application', async () => {
    const logger = createLogger({ service: 'test', level: 'silent' });
    const app = createApp({ logger, metrics: createMetrics('test', { processMetrics: false }) });
    app.use((ctx) => {
      ctx.body = 'own';
    });
    const { get } = await given({ router: app });
    expect(await (await get('/anything')).text()).toBe('own');
  });

  it('answers 404 with a problem if it has no router', async () => {
    const { get } = await given();
    const response = await get('/hello');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ]);
  });
});
