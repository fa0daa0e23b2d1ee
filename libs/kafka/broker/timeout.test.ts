import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { within } from './timeout.ts';

describe('within', () => {
  it('gives what the work gives, or throws what it throws', async () => {
    await expect(within(1_000, 'It', () => Promise.resolve(7))).resolves.toBe(7);
    const fault = new ExportError('FORBIDDEN');
    await expect(within(1_000, 'It', () => Promise.reject(fault))).rejects.toBe(fault);
  });

  it('gives up when the time is over, says why, and tells the work', async () => {
    let late: AbortSignal | undefined;
    const work = within(5, 'The answer', (signal) => {
      late = signal;
      return new Promise<never>(() => undefined);
    });
    await expect(work).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
      cause: { message: 'The answer took longer than 5 ms.' },
    });
    expect(late?.aborted).toBe(true);
  });
});
