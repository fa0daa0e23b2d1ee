import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { withTimeout } from './timeout.ts';

describe('withTimeout', () => {
  it('returns what the work returns and throws what it throws', async () => {
    await expect(withTimeout(1_000, 'It', () => Promise.resolve(7))).resolves.toBe(7);
    const fault = new ExportError('FORBIDDEN');
    await expect(withTimeout(1_000, 'It', () => Promise.reject(fault))).rejects.toBe(fault);
  });

  it('throws SERVICE_UNAVAILABLE with the reason at the limit and aborts the signal of the work', async () => {
    let late: AbortSignal | undefined;
    const work = withTimeout(5, 'The answer', (signal) => {
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
