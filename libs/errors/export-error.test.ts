import { describe, expect, it } from 'vitest';
import {
  asExportError,
  catalogue,
  detailText,
  ExportError,
  failureOf,
  jobFailure,
  isErrorCode,
} from './index.ts';

describe('the error catalogue', () => {
  it('gives every code a text in English and in Indonesian that names the same parameters', () => {
    for (const [code, entry] of Object.entries(catalogue)) {
      const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
      expect(entry.title.en, code).not.toBe('');
      expect(entry.title.id, code).not.toBe('');
      expect(names(entry.detail.id), code).toEqual(names(entry.detail.en));
    }
  });

  it('marks as a user fault exactly what answers with a 4xx status', () => {
    for (const [code, entry] of Object.entries(catalogue)) {
      expect(entry.fault === 'user', code).toBe(entry.status < 500);
    }
  });

  it('knows its codes and no inherited name', () => {
    expect(isErrorCode('EXPORT_NOT_FOUND')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
  });
});

describe('ExportError', () => {
  it('fills the parameters into the text and keeps them', () => {
    const error = new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total: 12500, cap: 10000 } });
    expect(error.message).toContain('12500 contacts and the limit is 10000');
    expect(error.detail('id')).toContain('12500 kontak');
    expect(error.status).toBe(422);
    expect(error.retryable).toBe(false);
  });

  it('puts words into the text that differ by language', () => {
    const error = new ExportError('EXPORT_PERIOD_INVALID', {
      translated: { en: { reason: 'Swap the days.' }, id: { reason: 'Tukar harinya.' } },
    });
    expect(error.message).toBe('Swap the days.');
    expect(error.detail('id')).toBe('Tukar harinya.');
    expect(error.params).toEqual({ reason: 'Swap the days.' });
  });

  it('leaves a parameter without a value as it is written', () => {
    expect(detailText('EXPORT_NOT_FOUND', {}, 'en')).toContain('{job_id}');
  });

  it('keeps an ExportError and wraps anything else with its cause', () => {
    const known = new ExportError('FORBIDDEN');
    expect(asExportError(known, 'EXPORT_FAILED')).toBe(known);
    const wrapped = asExportError(new Error('boom'), 'EXPORT_FAILED');
    expect(wrapped.code).toBe('EXPORT_FAILED');
    expect(wrapped.cause).toBeInstanceOf(Error);
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
  it('replaces SERVICE_UNAVAILABLE, which is an answer to a client that waits, and keeps other codes', () => {
    const unavailable = new ExportError('SERVICE_UNAVAILABLE');
    expect(jobFailure(unavailable)).toMatchObject({ code: 'EXPORT_FAILED', cause: unavailable });
    const tooLarge = new ExportError('EXPORT_BATCH_TOO_LARGE', { params: { bytes: 1 } });
    expect(jobFailure(tooLarge)).toBe(tooLarge);
  });
});
