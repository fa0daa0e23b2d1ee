import { ExportError } from '@waybill/errors';
import { createRouter } from '@waybill/http';
import { createMetrics, silentLogger } from '@waybill/observability';
import { afterEach, describe, expect, it } from 'vitest';
import { createProbes, startService, type RunningService, type ServicePlan } from './index.ts';

let running: RunningService | undefined;
afterEach(() => running?.stop());

/** Starts a service whose indexes exist once the test resolves `indexes`. `steps` lists what the service did. */
async function given(options: Partial<ServicePlan> = {}) {
  const steps: string[] = [];
  const indexes = Promise.withResolvers<string>();
  const router = createRouter();
  router.get('/exports', (ctx) => {
    ctx.body = {};
  });
  const probes = createProbes();
  const context = {
    logger: silentLogger(),
    metrics: createMetrics('test', { processMetrics: false }),
    probes,
    signal: new AbortController().signal,
  };
  const step = (name: string) => () => Promise.resolve(void steps.push(name));
  const service = await startService(
    {
      host: '127.0.0.1',
      port: 0,
      operatorPort: 0,
      router,
      ensureIndexes: () => indexes.promise,
      work: [
        { start: step('outbox started'), stop: step('outbox stopped') },
        { start: step('consumer started'), stop: step('consumer stopped') },
      ],
      close: step('connections closed'),
      ...options,
    },
    context,
  );
  running = service;
  const statusOf = async (port: number | undefined, path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  const get = (path: string) => statusOf(service.port, path);
  const operator = (path: string) => statusOf(service.operatorPort, path);
  return { steps, indexes, probes, service, get, operator };
}

describe('startService', () => {
  it('answers 503 and starts no work until the indexes exist', async () => {
    const { steps, indexes, probes, get, operator } = await given();
    const early = [await get('/exports'), await operator('/readyz'), await operator('/livez')];
    expect(early).toEqual([503, 503, 200]);
    expect(steps).toEqual([]);
    indexes.resolve('created');
    await expect.poll(() => steps).toEqual(['outbox started', 'consumer started']);
    expect([await get('/exports'), (await probes.check()).ready]).toEqual([200, true]);
  });

  it('rejects failure, which ends the process, when the indexes can never be created', async () => {
    const { steps, indexes, service } = await given();
    const cause = new ExportError('EXPORT_FAILED');
    indexes.reject(cause);
    await expect(service.failure).rejects.toMatchObject({ message: 'The indexes cannot be created.', cause });
    expect(steps).toEqual([]);
  });

  it('closes the connections when a part of its work cannot stop, and then rejects', async () => {
    const broken = { start: () => undefined, stop: () => Promise.reject(new Error('cannot stop')) };
    const { steps, indexes, service } = await given({ work: [broken] });
    indexes.resolve('created');
    running = undefined;
    await expect(service.stop()).rejects.toThrow('cannot stop');
    expect(steps).toEqual(['connections closed']);
  });

  it('stops its work before it closes the connections', async () => {
    const { steps, indexes, service } = await given();
    indexes.resolve('created');
    await expect.poll(() => steps).toHaveLength(2);
    running = undefined;
    await service.stop();
    expect(steps.slice(2)).toEqual(['outbox stopped', 'consumer stopped', 'connections closed']);
  });

  it('stops although its indexes were never created', async () => {
    const { steps, service } = await given({
      ensureIndexes: () => Promise.reject(new Error('MongoDB is down')),
    });
    running = undefined;
    await service.stop();
    expect(steps).toContain('connections closed');
    expect(steps).not.toContain('consumer started');
  });
});
