import { companyId, jobId, organizationId, userId, type Permission } from '@waybill/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideDownload } from './download.ts';
import { entryOf, type EntryDocument } from '../entries/entry.ts';
import { completedAt, failed, succeeded } from '@waybill/fixtures';

const id = jobId('5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11');
const fileTtlMs = 172_800_000;

function caller(...permissions: Permission[]) {
  return {
    userId: userId('user-1'),
    companyId: companyId('company-1'),
    organizationId: organizationId('org-1'),
    permissions,
  };
}

function decide(entry: EntryDocument | undefined, now = completedAt, who = caller('contacts.export')) {
  const decision = decideDownload({ jobId: id, entry, caller: who, now: new Date(now) });
  return decision.kind === 'refused' ? decision.error.code : decision.expiresInSeconds;
}

describe('decideDownload', () => {
  it('grants the file for five minutes', () => {
    expect(decide(entryOf(succeeded()))).toBe(300);
  });

  it('grants the file for no longer than it exists', () => {
    expect(decide(entryOf(succeeded()), completedAt + fileTtlMs - 12_345)).toBe(12);
  });

  it('refuses a file from the second before it expires', () => {
    expect(decide(entryOf(succeeded()), completedAt + fileTtlMs - 999)).toBe('EXPORT_EXPIRED');
    expect(decide(entryOf(succeeded()), completedAt + fileTtlMs)).toBe('EXPORT_EXPIRED');
  });

  it('never grants more than five minutes or more than the lifetime of the file', () => {
    fc.assert(
      fc.property(fc.integer({ min: -fileTtlMs, max: 2 * fileTtlMs }), (afterMs) => {
        const seconds = decide(entryOf(succeeded()), completedAt + afterMs);
        if (typeof seconds !== 'number') return seconds === 'EXPORT_EXPIRED' && afterMs > fileTtlMs - 1_000;
        return seconds >= 1 && seconds <= 300 && seconds * 1_000 <= fileTtlMs - afterMs;
      }),
    );
  });

  it('refuses a caller without contacts.export, even for their own file', () => {
    expect(decide(entryOf(succeeded()), completedAt, caller())).toBe('FORBIDDEN');
    expect(decide(entryOf(succeeded()), completedAt, caller('contacts.export.history.company'))).toBe(
      'FORBIDDEN',
    );
  });

  it('does not confirm that a job of another company exists', () => {
    const other = {
      ...caller('contacts.export', 'contacts.export.admin'),
      companyId: companyId('company-2'),
    };
    const stranger = { ...other, organizationId: organizationId('org-2') };
    expect(decide(entryOf(succeeded()), completedAt, other)).toBe('EXPORT_NOT_FOUND');
    expect(decide(entryOf(succeeded()), completedAt, stranger)).toBe('EXPORT_NOT_FOUND');
    expect(decide(undefined)).toBe('EXPORT_NOT_FOUND');
  });

  it('refuses a failed export with EXPORT_WITHOUT_FILE', () => {
    expect(decide(entryOf(failed()))).toBe('EXPORT_WITHOUT_FILE');
  });
});
