import { jobId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { deliveryId, messageIdOf, nextStep, stateAfter } from './delivery.ts';

const job = jobId('5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11');

describe('the identity of a delivery', () => {
  it('is the same for the same job, recipient and template, however the address is written', () => {
    expect(deliveryId(job, ' Ani@Example.com', 'export_failed')).toBe(
      deliveryId(job, 'ani@example.com', 'export_failed'),
    );
  });

  it('differs by job, by recipient and by template', () => {
    const ids = [
      deliveryId(job, 'ani@example.com', 'export_failed'),
      deliveryId(job, 'ani@example.com', 'export_succeeded'),
      deliveryId(job, 'budi@example.com', 'export_failed'),
      deliveryId(jobId('00000000-7d0c-4a3e-9b39-0a4f9c1f2b11'), 'ani@example.com', 'export_failed'),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('names nobody', () => {
    expect(deliveryId(job, 'ani@example.com', 'export_failed')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('decides the Message-ID', () => {
    const id = deliveryId(job, 'ani@example.com', 'export_failed');
    expect(messageIdOf(id, 'example.org')).toBe(`<${id.slice(0, 40)}@example.org>`);
  });
});

describe('what to do with a delivery', () => {
  const endsAt = 1_000;

  it('claims a new one and claims a retryable one again', () => {
    expect(nextStep(undefined, endsAt, 999)).toBe('claim');
    expect(nextStep('retryable', endsAt, 999)).toBe('reclaim');
  });

  it('sends nothing where another try is on its way, has ended, or may have ended', () => {
    expect(nextStep('sending', endsAt, 999)).toBe('in-flight');
    expect(nextStep('sent', endsAt, 999)).toBe('already-sent');
    expect(nextStep('stuck', endsAt, 999)).toBe('stuck');
  });

  it('gives up at the instant at which the file is gone', () => {
    expect(nextStep(undefined, endsAt, endsAt)).toBe('expired');
    expect(nextStep('retryable', endsAt, endsAt)).toBe('expired');
  });

  it('does not call a sent email expired, so that a late replay dead-letters nothing', () => {
    expect(nextStep('sent', endsAt, endsAt + 1)).toBe('already-sent');
  });
});

describe('the state after a send', () => {
  it('allows another send only where the mail server certainly refused', () => {
    expect(stateAfter({ kind: 'accepted', response: '250 OK' })).toBe('sent');
    expect(stateAfter({ kind: 'refused', permanent: false, reason: '' })).toBe('retryable');
    expect(stateAfter({ kind: 'refused', permanent: true, reason: '' })).toBe('retryable');
    expect(stateAfter({ kind: 'unknown', reason: '' })).toBe('stuck');
  });
});
