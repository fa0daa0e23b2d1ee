import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNames, parseStorageKey, storageKey } from './file-name.ts';

const parts = {
  layoutName: 'Default view',
  at: Date.UTC(2026, 10, 24, 3, 49, 44),
  timezone: 'Asia/Jakarta',
  jobId: '0f8b1c22-1111-4222-8333-444455556666',
  format: 'xlsx',
} as const;

describe('the name of a file', () => {
  it('has the layout, the local time of the snapshot and the beginning of the job id', () => {
    expect(fileNames(parts).shown).toBe('contacts_Default-view_2026-11-24_10-49-44_0f8b1c22.xlsx');
  });

  it("has the time of the job's zone, on the day that it is there", () => {
    expect(fileNames({ ...parts, timezone: 'Pacific/Apia' }).shown).toContain('2026-11-24_16-49-44');
    expect(fileNames({ ...parts, timezone: 'Pacific/Honolulu' }).shown).toContain('2026-11-23_17-49-44');
  });

  it('keeps letters of any script for people, and has a form without them', () => {
    const names = fileNames({ ...parts, layoutName: 'Übersicht 顧客' });
    expect(names.shown).toContain('_Übersicht-顧客_');
    expect(names.ascii).toContain('_Ubersicht_');
  });

  it('leaves the layout out where nothing of it can be written', () => {
    expect(fileNames({ ...parts, layoutName: '../' }).ascii).toBe(
      'contacts_2026-11-24_10-49-44_0f8b1c22.xlsx',
    );
  });

  it('is safe in paths, headers and on every file system, whatever the layout is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (layoutName) => {
        const { shown, ascii } = fileNames({ ...parts, layoutName });
        expect(ascii).toMatch(/^contacts(_[A-Za-z0-9-]+)?_2026-11-24_10-49-44_0f8b1c22\.xlsx$/);
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f/\\:*?"<>|]/);
        expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(255);
      }),
    );
  });
});

describe('the key of a file in storage', () => {
  it('carries company, job and epoch, and says them again', () => {
    const key = storageKey('acme', parts.jobId, 3, 'contacts.xlsx');
    expect(key).toBe(`private/exports/acme/${parts.jobId}/3/contacts.xlsx`);
    expect(parseStorageKey(key)).toEqual({ companyId: 'acme', jobId: parts.jobId, epoch: 3 });
  });

  it("cannot be made to lie in another company's folder", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1 }), (company, epoch) => {
        const key = storageKey(company, parts.jobId, epoch, 'f.csv');
        expect(parseStorageKey(key)).toEqual({ companyId: company, jobId: parts.jobId, epoch });
      }),
    );
  });

  it.each([
    'other/acme/job/1/f.csv',
    'private/exports/acme/job/0/f.csv',
    'private/exports/a/b/1/c/d',
    'private/exports/a/b/x/c',
  ])('is not recognised in %s', (key) => expect(parseStorageKey(key)).toBeUndefined());
});
