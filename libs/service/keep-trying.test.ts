import { ExportError } from '@waybill/errors';
import { createLogger } from '@waybill/observability';
import { describe, expect, it } from 'vitest';
import { keepTrying } from './index.ts';

/** Returns options that record the log lines and the delays instead of waiting. */
function given() {
  const written: string[] = [];
  const pauses: number[] = [];
  const stopping = new AbortController();
  return {
    pauses,
    stopping,
    // A line is JSON of our own logger.
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    options: {
      signal: stopping.signal,
      logger: createLogger({ service: 'test', destination: { write: (line: string) => written.push(line) } }),
      pause: (delayMs: number) => Promise.resolve(pauses.push(delayMs)),
    },
  };
}

/** Returns an attempt that fails `times` times and then succeeds. */
function failing(times: number, error: Error = new Error('connect ECONNREFUSED 127.0.0.1:27017')) {
  let failures = 0;
  return () => ((failures += 1) <= times ? Promise.reject(error) : Promise.resolve('connected'));
}

describe('keepTrying', () => {
  it('returns the first result without a log line', async () => {
    const { options, lines } = given();
    expect(await keepTrying('mongodb', failing(0), options)).toBe('connected');
    expect(lines()).toEqual([]);
  });

  it('retries with growing delays until the server answers, and logs each failure and the success', async () => {
    const { options, lines, pauses } = given();
    expect(await keepTrying('mongodb', failing(9), options)).toBe('connected');
    const longest = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
    pauses.forEach((pause, index) => {
      expect(pause).toBeLessThanOrEqual(longest[index] ?? 0);
      expect(pause).toBeGreaterThanOrEqual((longest[index] ?? 0) / 2);
    });
    expect(lines()).toHaveLength(10);
    expect(lines()[0]).toMatchObject({
      level: 'warn',
      message: 'server does not answer',
      server: 'mongodb',
      failures: 1,
      retry_in_ms: pauses[0],
      error: { message: 'connect ECONNREFUSED 127.0.0.1:27017' },
    });
    expect(lines()[9]).toMatchObject({ level: 'info', message: 'server answers again', failures: 9 });
  });

  it('retries after an ExportError that is retryable, and after an attempt that throws before it returns a promise', async () => {
    const { options } = given();
    expect(await keepTrying('redis', failing(2, new ExportError('SERVICE_UNAVAILABLE')), options)).toBe(
      'connected',
    );
    let calls = 0;
    const throwing = () => {
      calls += 1;
      if (calls === 1) throw new Error('no socket');
      return Promise.resolve(calls);
    };
    expect(await keepTrying('redis', throwing, options)).toBe(2);
  });

  it('throws an ExportError that is not retryable at once', async () => {
    const { options, pauses } = given();
    const permanent = new ExportError('CONFIGURATION_INVALID', { params: { reason: 'no such database' } });
    await expect(keepTrying('mongodb', failing(1, permanent), options)).rejects.toBe(permanent);
    expect(pauses).toEqual([]);
  });

  it('throws the reason of the signal if that is aborted before a try, during a try or during a delay', async () => {
    const reason = new Error('The service is stopping.');
    const before = given();
    before.stopping.abort(reason);
    await expect(keepTrying('s3', failing(0), before.options)).rejects.toBe(reason);

    const within = given();
    const aborting = () => {
      within.stopping.abort(reason);
      return Promise.reject(new Error('connection closed'));
    };
    await expect(keepTrying('s3', aborting, within.options)).rejects.toBe(reason);
    expect(within.lines()).toEqual([]);

    const waiting = given();
    const pause = () => {
      waiting.stopping.abort(reason);
      return Promise.reject(new Error('The operation was aborted'));
    };
    await expect(keepTrying('s3', failing(9), { ...waiting.options, pause })).rejects.toBe(reason);
  });
});
