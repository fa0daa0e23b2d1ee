import { jobId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { deliveryId, messageIdOf, verdictOf, type Verdict } from './delivery.ts';

const job = jobId('5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11');

describe('deliveryId', () => {
  it('returns the same id for the same job, recipient and template, whatever the case of the address', () => {
    expect(deliveryId(job, ' Ani@Example.com', 'export_failed')).toBe(
      deliveryId(job, 'ani@example.com', 'export_failed'),
    );
  });

  it('returns different ids for different jobs, recipients and templates', () => {
    const ids = [
      deliveryId(job, 'ani@example.com', 'export_failed'),
      deliveryId(job, 'ani@example.com', 'export_succeeded'),
      deliveryId(job, 'budi@example.com', 'export_failed'),
      deliveryId(jobId('00000000-7d0c-4a3e-9b39-0a4f9c1f2b11'), 'ani@example.com', 'export_failed'),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('returns a hash that does not contain the address', () => {
    expect(deliveryId(job, 'ani@example.com', 'export_failed')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('messageIdOf', () => {
  it('derives the Message-ID from the delivery id', () => {
    const id = deliveryId(job, 'ani@example.com', 'export_failed');
    expect(messageIdOf(id, 'example.org')).toBe(`<${id.slice(0, 40)}@example.org>`);
  });
});

describe('verdictOf', () => {
  const now = new Date(1_000_000);
  const context = {
    tries: 1,
    now,
    expiresAt: now.getTime() + 3_600_000,
    backOff: { fromMs: 5_000, toMs: 300_000 },
    random: 0.999_999,
  };
  const afterMs = (verdict: Verdict): number =>
    verdict.state === 'scheduled' ? verdict.nextAttemptAt.getTime() - now.getTime() : NaN;

  it('returns sent for an accepted message and stuck for one without an answer', () => {
    expect(verdictOf({ kind: 'accepted', response: '250 OK' }, context)).toEqual({ state: 'sent' });
    expect(verdictOf({ kind: 'unknown', reason: '' }, context)).toEqual({ state: 'stuck' });
  });

  it('doubles the delay after each temporary refusal, up to the longest one', () => {
    const refused = { kind: 'refused', permanent: false, reason: '' } as const;
    const delays = [1, 2, 3, 7, 100].map((tries) => afterMs(verdictOf(refused, { ...context, tries })));
    expect(delays).toEqual([5_000, 10_000, 20_000, 300_000, 300_000]);
  });

  it('returns the shortest delay for an unavailable mail server, whatever the number of tries', () => {
    expect(afterMs(verdictOf({ kind: 'unavailable', reason: '' }, { ...context, tries: 50 }))).toBe(5_000);
  });

  it('never schedules a try after the file expires', () => {
    const late = { ...context, tries: 100, expiresAt: now.getTime() + 60_000 };
    expect(afterMs(verdictOf({ kind: 'refused', permanent: false, reason: '' }, late))).toBe(60_000);
  });

  it('returns failed with its code for a permanent refusal', () => {
    const refused = { kind: 'refused', permanent: true, reason: '' } as const;
    expect(verdictOf(refused, context)).toEqual({ state: 'failed', cause: 'MAIL_REFUSED' });
  });

  it('decides by the cause for an email that was not handed over', () => {
    const passing = { kind: 'not-sent', cause: new ExportError('SERVICE_UNAVAILABLE') } as const;
    const final = { kind: 'not-sent', cause: new ExportError('EXPORT_EXPIRED') } as const;
    expect(afterMs(verdictOf(passing, context))).toBe(5_000);
    expect(verdictOf(final, context)).toEqual({ state: 'failed', cause: 'EXPORT_EXPIRED' });
    expect(verdictOf({ kind: 'withdrawn', reason: '' }, context)).toEqual({ state: 'withdrawn' });
  });
});
