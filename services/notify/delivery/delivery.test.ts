import { jobId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { deliveryId, messageIdOf, nextStep, stateAfter } from './delivery.ts';

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

describe('nextStep', () => {
  const expiresAt = 1_000;

  it('reserves a new delivery and reserves a retryable one again', () => {
    expect(nextStep(undefined, expiresAt, 999)).toBe('reserve');
    expect(nextStep('retryable', expiresAt, 999)).toBe('reserve-again');
  });

  it('sends nothing while a send is in flight, or after it succeeded or may have succeeded', () => {
    expect(nextStep('sending', expiresAt, 999)).toBe('in-flight');
    expect(nextStep('sent', expiresAt, 999)).toBe('already-sent');
    expect(nextStep('stuck', expiresAt, 999)).toBe('stuck');
  });

  it('returns expired from the instant at which the file is removed', () => {
    expect(nextStep(undefined, expiresAt, expiresAt)).toBe('expired');
    expect(nextStep('retryable', expiresAt, expiresAt)).toBe('expired');
  });

  it('never returns expired for a sent email, so that a late replay dead-letters nothing', () => {
    expect(nextStep('sent', expiresAt, expiresAt + 1)).toBe('already-sent');
  });
});

describe('stateAfter', () => {
  it('returns retryable only if the mail server certainly refused the message', () => {
    expect(stateAfter({ kind: 'accepted', response: '250 OK' })).toBe('sent');
    expect(stateAfter({ kind: 'refused', permanent: false, reason: '' })).toBe('retryable');
    expect(stateAfter({ kind: 'refused', permanent: true, reason: '' })).toBe('retryable');
    expect(stateAfter({ kind: 'unknown', reason: '' })).toBe('stuck');
  });
});
