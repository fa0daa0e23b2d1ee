import { describe, expect, it } from 'vitest';
import { createProbes } from './index.ts';

describe('createProbes', () => {
  it('returns probes that are ready without dependencies', async () => {
    expect(await createProbes().check()).toMatchObject({ ready: true, checks: {} });
  });

  it('reports the state of each dependency and the error of each failed one', async () => {
    const probes = createProbes();
    probes.add('kafka', () => Promise.resolve());
    probes.add('mongodb', () => Promise.reject(new Error('connection refused')));
    probes.add('redis', () => {
      throw new Error('thrown, not rejected');
    });
    const { ready, checks, errors } = await probes.check();
    expect(ready).toBe(false);
    expect(checks).toEqual({ kafka: 'ok', mongodb: 'failed', redis: 'failed' });
    expect(Object.entries(errors).map(([name, error]) => [name, error.message])).toEqual([
      ['redis', 'thrown, not rejected'],
      ['mongodb', 'connection refused'],
    ]);
  });

  it('checks each dependency again in every call, so that a recovered one is reported as ok', async () => {
    let up = false;
    const probes = createProbes();
    probes.add('kafka', () => (up ? Promise.resolve() : Promise.reject(new Error('down'))));
    expect((await probes.check()).ready).toBe(false);
    up = true;
    expect((await probes.check()).ready).toBe(true);
  });

  it('shares one check between calls at the same time', async () => {
    let calls = 0;
    const probes = createProbes();
    probes.add('kafka', () => Promise.resolve(void (calls += 1)));
    await Promise.all([probes.check(), probes.check(), probes.check()]);
    expect(calls).toBe(1);
  });

  it('throws for a second dependency with the same name, which would replace the first', () => {
    const probes = createProbes();
    probes.add('kafka', () => Promise.resolve());
    expect(() => probes.add('kafka', () => Promise.resolve())).toThrow('There is already a probe kafka.');
  });
});
