import { ExportError } from '@waybill/errors';
import { createLogger } from '@waybill/observability';
import { describe, expect, it } from 'vitest';
import { keepTrying } from './index.ts';

function given() {
  const written: string[] = [];
  const pauses: number[] = [];
  const stopping = new AbortController();
  return {
    pauses,
    stopping,
    // A line is JSON of our own making.
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    options: {
      signal: stopping.signal,
      logger: createLogger({ service: 'test', destination: { write: (line: string) => written.push(line) } }),
      pause: (delayMs: number) => Promise.resolve(pauses.push(delayMs)),
    },
  };
}

/** Fails so many times, then answers. */
function failing(times: number, error: Error = new Error('connect ECONNREFUSED 127.0.0.1:27017')) {
  let failures = 0;
  return () => ((failures += 1) <= times ? Promise.reject(error) : Promise.resolve('connected'));
}

describe('keepTrying', () => {
  it('gives what the first try gives, without a word', async () => {
    const { options, lines } = given();
    expect(await keepTrying('mongodb', failing(0), options)).toBe('connected');
    expect(lines()).toEqual([]);
  });

  it('tries with growing delays until the server answers, one line a failure and one at the end', async () => {
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

  it('goes on after an error that says that a retry may help, and after a failed start of the attempt itself', async () => {
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

  it('gives up at once where no retry helps', async () => {
    const { options, pauses } = given();
    const hopeless = new ExportError('CONFIGURATION_INVALID', { params: { reason: 'no such database' } });
    await expect(keepTrying('mongodb', failing(1, hopeless), options)).rejects.toBe(hopeless);
    expect(pauses).toEqual([]);
  });

  it('ends with the reason of the signal, whether that comes before, in a try or in a delay', async () => {
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
