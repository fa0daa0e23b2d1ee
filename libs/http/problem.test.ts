import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { problemOf } from './problem.ts';

const context = { language: 'en', instance: '/iag/v1/contacts/export', requestId: 'r-1' } as const;

describe('problemOf', () => {
  it('returns the members of RFC 9457, the code, the request id and the parameters of the code', () => {
    const error = new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total: 12_500, cap: 10_000 } });
    expect(problemOf(error, context)).toEqual({
      type: 'urn:waybill:problem:export-limit-exceeded',
      title: 'Too many contacts for one export',
      status: 422,
      detail:
        'The selection has 12,500 contacts and the limit is 10,000. Narrow the filter or split by period.',
      instance: '/iag/v1/contacts/export',
      code: 'EXPORT_LIMIT_EXCEEDED',
      request_id: 'r-1',
      total: 12_500,
      cap: 10_000,
    });
  });

  it('returns title and detail in Indonesian on request', () => {
    const problem = problemOf(new ExportError('EXPORT_EXPIRED'), { ...context, language: 'id' });
    expect(problem.title).toBe('Berkas sudah kedaluwarsa');
    expect(problem.detail).toBe('Berkas disimpan selama 48 jam. Ekspor lagi.');
  });

  it('returns the faults with their paths, each message in the language of the reader', () => {
    const message = { en: 'is required', id: 'wajib diisi' };
    const errors = [
      { path: 'filters.0.op', message },
      { path: 'selected_fields.3', message: 'phone' },
    ];
    const error = new ExportError('VALIDATION_FAILED', { errors });
    expect(problemOf(error, context).errors).toEqual([
      { path: 'filters.0.op', message: 'is required' },
      { path: 'selected_fields.3', message: 'phone' },
    ]);
    expect(problemOf(error, { ...context, language: 'id' }).errors?.[0]?.message).toBe('wajib diisi');
  });

  it('returns parameters that are texts in the language of the reader', () => {
    const translated = { en: { reason: 'the token has expired' }, id: { reason: 'token sudah kedaluwarsa' } };
    const problem = problemOf(new ExportError('UNAUTHENTICATED', { translated }), {
      ...context,
      language: 'id',
    });
    expect(problem['reason']).toBe('token sudah kedaluwarsa');
    expect(problem.detail).toContain('token sudah kedaluwarsa');
  });

  it('returns no detail, parameters or faults of an error with status 500', () => {
    const error = new ExportError('STORAGE_FAILED', {
      params: { reason: 'AccessDenied on bucket waybill-id' },
      errors: [{ path: 'bucket', message: 'waybill-id' }],
    });
    const problem = problemOf(error, context);
    expect(problem).toMatchObject({ code: 'STORAGE_FAILED', status: 500 });
    expect(problem.detail).toContain('Something went wrong on our side.');
    expect(problem.detail).not.toContain('export');
    expect(JSON.stringify(problem)).not.toContain('waybill-id');
  });

  it('ignores a parameter with the name of a standard member', () => {
    const error = new ExportError('EXPORT_NOT_FOUND', {
      params: { job_id: 'j1', status: 'completed', title: 'x', code: 'y' },
    });
    expect(problemOf(error, context)).toMatchObject({ status: 404, code: 'EXPORT_NOT_FOUND', job_id: 'j1' });
  });

  it('shows the status of a job as job_status, next to the status of the answer', () => {
    const error = new ExportError('EXPORT_NOT_CANCELLABLE', { params: { job_status: 'completed' } });
    const problem = problemOf(error, context);
    expect(problem).toMatchObject({ status: 409, job_status: 'completed' });
    expect(problem.detail).toContain('completed');
  });
});
