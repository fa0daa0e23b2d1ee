import type { ExportActivity, ExportCompleted, ExportProgress } from '@waybill/schemas';
import { eventId, type OutgoingEvent } from '../index.ts';

/** A progress event of a job, numbered by `written`. */
export function progress(jobId: string, written: number): OutgoingEvent<ExportProgress> {
  const event: ExportProgress = {
    job_id: jobId,
    company_id: 'company-1',
    attempt: 1,
    phase: 'rendering',
    written,
    skipped: 0,
    total: 1_000_000,
    bytes: written * 100,
    at: 1_700_000_000_000,
  };
  return {
    key: jobId,
    id: eventId(jobId, 'export.progress', 1, written),
    type: 'export.progress',
    companyId: 'company-1',
    attempt: 1,
    event,
    at: Date.now(),
  };
}

/** A completed event of a job that failed; short, since only its envelope is looked at. */
export function completed(jobId: string): OutgoingEvent<ExportCompleted> {
  const event: ExportCompleted = {
    job_id: jobId,
    company_id: 'company-1',
    attempt: 1,
    outcome: 'CANCELLED',
    completed_at: 1_700_000_000_000,
    spec: null,
    failure: null,
    file: null,
    receipt: null,
  };
  return {
    key: jobId,
    id: eventId(jobId, 'export.completed', 1),
    type: 'export.completed',
    companyId: 'company-1',
    attempt: 1,
    event,
    at: Date.now(),
  };
}

/** A product event without a job. */
export function activity(companyId: string): OutgoingEvent<ExportActivity> {
  const event: ExportActivity = {
    company_id: companyId,
    job_id: null,
    name: 'cdp_export_limit_exceeded',
    user_id: null,
    at: 1_700_000_000_000,
    attributes: {},
    personal: null,
  };
  return {
    key: companyId,
    id: eventId(companyId, 'cdp_export_limit_exceeded', 1),
    type: 'cdp_export_limit_exceeded',
    companyId,
    attempt: 1,
    event,
    at: Date.now(),
  };
}
