import { describe, expect, it } from 'vitest';
import { activityEntry, activityEvent, eventId } from '../index.ts';

const facts = {
  name: 'cdp_export_downloaded',
  companyId: 'company-1',
  jobId: 'job-1',
  userId: 'user-1',
  attempt: 2,
  at: 1_700_000_000_000,
  attributes: { format: 'csv' },
  sequence: 'download-1',
} as const;

describe('activityEvent', () => {
  it('derives the id from job, name, attempt and sequence', () => {
    expect(activityEvent(facts).id).toBe(eventId('job-1', 'cdp_export_downloaded', 2, 'download-1'));
  });

  it('uses the company as key and writes a missing value as null', () => {
    const { key, event, attempt } = activityEvent({
      name: 'cdp_export_limit_exceeded',
      companyId: 'company-1',
      userId: undefined,
      id: 'id-1',
      at: 1,
      attributes: {},
    });
    expect({ key, attempt }).toEqual({ key: 'company-1', attempt: 1 });
    expect(event).toMatchObject({ job_id: null, user_id: null, personal: null });
  });

  it('leaves out a traceparent that is undefined', () => {
    expect(activityEvent({ ...facts, traceparent: undefined })).not.toHaveProperty('traceparent');
  });
});

describe('activityEntry', () => {
  it('returns topic and company in the form of an outbox entry', () => {
    const { companyId, ...event } = activityEvent(facts);
    expect(activityEntry(facts)).toEqual({ topic: 'export.activity', company_id: companyId, ...event });
  });
});
