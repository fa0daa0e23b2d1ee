import { describe, expect, it } from 'vitest';
import {
  asExportError,
  catalogue,
  causeOf,
  detailText,
  ExportError,
  failureOf,
  jobFailure,
  isErrorCode,
} from './index.ts';

describe('the error catalogue', () => {
  it('has an English and an Indonesian text with the same parameters for every code [S06-NEG]', () => {
    for (const [code, entry] of Object.entries(catalogue)) {
      const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
      expect(entry.title.en, code).not.toBe('');
      expect(entry.title.id, code).not.toBe('');
      expect(names(entry.detail.id), code).toEqual(names(entry.detail.en));
    }
  });

  it('marks exactly the codes with a 4xx status as user faults', () => {
    for (const [code, entry] of Object.entries(catalogue)) {
      expect(entry.fault === 'user', code).toBe(entry.status < 500);
    }
  });

  it('uses no parameter of an answer that would hide behind a standard member of a problem', () => {
    const standard = /\{(type|title|status|detail|instance|code|request_id)\}/;
    const answers = Object.values(catalogue).filter(({ fault }) => fault === 'user');
    expect(answers.filter(({ detail }) => standard.test(detail.en))).toEqual([]);
  });

  it('contains its codes and no inherited name', () => {
    expect(isErrorCode('EXPORT_NOT_FOUND')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
  });
});

describe('ExportError', () => {
  it('replaces the placeholders of the text by the parameters and keeps the parameters', () => {
    const error = new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total: 12500, cap: 10000 } });
    expect(error.message).toContain('12,500 contacts and the limit is 10,000');
    expect(error.detail('id')).toContain('12.500 kontak');
    expect(error.status).toBe(422);
    expect(error.retryable).toBe(false);
  });

  it('replaces the placeholders by the translated parameters of each language', () => {
    const error = new ExportError('EXPORT_PERIOD_INVALID', {
      translated: { en: { reason: 'Swap the days.' }, id: { reason: 'Tukar harinya.' } },
    });
    expect(error.message).toBe('Swap the days.');
    expect(error.detail('id')).toBe('Tukar harinya.');
    expect(error.params).toEqual({ reason: 'Swap the days.' });
  });

  it('keeps the placeholder of a parameter without a value', () => {
    expect(detailText('EXPORT_NOT_FOUND', {}, 'en')).toContain('{job_id}');
  });

  it('is returned unchanged by asExportError, which wraps any other value', () => {
    const known = new ExportError('FORBIDDEN');
    expect(asExportError(known, 'EXPORT_FAILED')).toBe(known);
    const wrapped = asExportError(new Error('boom'), 'EXPORT_FAILED');
    expect(wrapped.code).toBe('EXPORT_FAILED');
    expect(wrapped.cause).toBeInstanceOf(Error);
  });
});

describe('causeOf', () => {
  it('returns an ExportError as it is', () => {
    const known = new ExportError('FORBIDDEN');
    expect(causeOf(known)).toBe(known);
  });

  class LibraryError extends Error {}
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  it.each<[string, Error]>([
    ['the error of a client library', new LibraryError('pool cleared')],
    ['an error of the system', refused],
    ['a fetch whose connection failed', new TypeError('fetch failed', { cause: refused })],
  ])('takes %s as a server that is away, which is retryable', (_, thrown) => {
    expect(causeOf(thrown)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true, cause: thrown });
  });

  it.each([
    ['an error of the language', new TypeError('x is not a function')],
    ['a failed check of ours', new Error('A resolution that produces has no columns.')],
    ['an error that wraps one', new Error('outer', { cause: new RangeError('inner') })],
    ['a value that is not an error', 'text'],
  ])('takes %s as a fault of the program, which is not retryable', (_, thrown) => {
    expect(causeOf(thrown)).toMatchObject({ code: 'EXPORT_FAILED', retryable: false, cause: thrown });
  });
});

describe('failureOf', () => {
  it('returns the code, the English detail and the parameters as texts', () => {
    const error = new ExportError('EXPORT_STALLED', { params: { minutes: 30 } });
    expect(failureOf(error)).toEqual({
      code: 'EXPORT_STALLED',
      detail: 'No contact arrived for 30 minutes. Retry the export.',
      params: { minutes: '30' },
    });
  });
});

describe('jobFailure', () => {
  it('replaces SERVICE_UNAVAILABLE, which only a waiting client can use, and keeps other codes', () => {
    const unavailable = new ExportError('SERVICE_UNAVAILABLE');
    expect(jobFailure(unavailable)).toMatchObject({ code: 'EXPORT_FAILED', cause: unavailable });
    const tooLarge = new ExportError('EXPORT_BATCH_TOO_LARGE', { params: { bytes: 1 } });
    expect(jobFailure(tooLarge)).toBe(tooLarge);
  });
});

describe('detailText', () => {
  it('formats a count that stopped at its limit', () => {
    const params = { total: '> 50000', cap: 50_000 };
    expect(detailText('EXPORT_LIMIT_EXCEEDED', params, 'en')).toContain('> 50,000');
  });

  it.each([
    [{ used_bytes: 3_865_470_566, quota_bytes: 5_368_709_120 }, 'en', '3.6 GiB of 5 GiB'],
    [{ used_bytes: 3_865_470_566, quota_bytes: 5_368_709_120 }, 'id', '3,6 GiB dari 5 GiB'],
    [{ used_bytes: 0, quota_bytes: 100 }, 'en', '0 bytes of 100 bytes'],
    [{ used_bytes: '1048576', quota_bytes: '1536' }, 'en', '1 MiB of 1.5 KiB'],
  ] as const)('formats the sizes %j in %s as %s', (params, language, text) => {
    expect(detailText('EXPORT_STORAGE_QUOTA_EXCEEDED', params, language)).toContain(text);
  });

  it.each([
    [3600, 17, 'en', 'in 1 hour. Try again in 17 seconds'],
    [3600, 3541, 'id', 'dalam 1 jam. Coba lagi dalam 1 jam'],
    [7200, 1801, 'en', 'in 2 hours. Try again in 31 minutes'],
    [60, 1, 'en', 'in 1 minute. Try again in 1 second'],
  ] as const)('formats a window of %i s and a wait of %i s in %s', (window, wait, language, text) => {
    const params = { limit: 5, window_seconds: window, retry_after_seconds: wait };
    expect(detailText('EXPORT_RATE_LIMITED', params, language)).toContain(text);
  });

  it.each([
    ['120', 'en', 'for 2 hours.'],
    [1_440, 'id', 'selama 24 jam.'],
    [30, 'en', 'for 30 minutes.'],
  ] as const)('formats a stall of %s minutes in %s', (minutes, language, text) => {
    expect(detailText('EXPORT_STALLED', { minutes }, language)).toContain(text);
  });

  it.each([
    ['processing', 'en', 'The export is processing.'],
    ['processing', 'id', 'Ekspor ini sedang diproses.'],
    ['expired', 'id', 'Ekspor ini sudah kedaluwarsa.'],
  ] as const)('says the status %s of a job in %s', (status, language, text) => {
    expect(detailText('EXPORT_NOT_CANCELLABLE', { job_status: status }, language)).toContain(text);
  });

  it('does not format digits in a parameter that is not a quantity', () => {
    expect(detailText('PRESET_NAME_TAKEN', { name: '2026' }, 'en')).toContain('is called 2026.');
  });
});
