import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { problemOf } from './problem.ts';

const context = { language: 'en', path: '/iag/v1/contacts/export', requestId: 'r-1' } as const;

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

  it('returns the faults with their paths', () => {
    const errors = [{ path: 'filters.0.op', message: 'Invalid option' }];
    expect(problemOf(new ExportError('VALIDATION_FAILED', { errors }), context).errors).toEqual(errors);
  });

  it('returns no detail, parameters or faults of an error with status 500', () => {
    const error = new ExportError('STORAGE_FAILED', {
      params: { reason: 'AccessDenied on bucket waybill-id' },
      errors: [{ path: 'bucket', message: 'waybill-id' }],
    });
    const problem = problemOf(error, context);
    expect(problem).toMatchObject({ code: 'STORAGE_FAILED', status: 500 });
    expect(problem.detail).toBe('Something went wrong on our side. Retry the export.');
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
