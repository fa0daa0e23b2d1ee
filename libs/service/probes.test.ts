import { describe, expect, it } from 'vitest';
import { createProbes } from './index.ts';

describe('probes', () => {
  it('are ready without dependencies', async () => {
    expect(await createProbes().check()).toMatchObject({ ready: true, checks: {} });
  });

  it('name each dependency, with what is wrong with those that fail', async () => {
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

  it('ask again each time, so that a dependency which is back counts', async () => {
    let up = false;
    const probes = createProbes();
    probes.add('kafka', () => (up ? Promise.resolve() : Promise.reject(new Error('down'))));
    expect((await probes.check()).ready).toBe(false);
    up = true;
    expect((await probes.check()).ready).toBe(true);
  });

  it('ask once for all who want to know at the same time', async () => {
    let asked = 0;
    const probes = createProbes();
    probes.add('kafka', () => Promise.resolve(void (asked += 1)));
    await Promise.all([probes.check(), probes.check(), probes.check()]);
    expect(asked).toBe(1);
  });

  it('refuse a second dependency of the same name, which would hide the first', () => {
    const probes = createProbes();
    probes.add('kafka', () => Promise.resolve());
    expect(() => probes.add('kafka', () => Promise.resolve())).toThrow('There is already a probe kafka.');
  });
});
