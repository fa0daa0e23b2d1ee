import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNames, parseStorageKey, storageKey } from './file-name.ts';

const naming = {
  layoutName: 'Default view',
  at: Date.UTC(2026, 10, 24, 3, 49, 44),
  timezone: 'Asia/Jakarta',
  jobId: '0f8b1c22-1111-4222-8333-444455556666',
  format: 'xlsx',
} as const;

describe('fileNames', () => {
  it('returns names with the layout, the local time of the snapshot and the first 8 characters of the job id', () => {
    expect(fileNames(naming).shown).toBe('contacts_Default-view_2026-11-24_10-49-44_0f8b1c22.xlsx');
  });

  it("uses the local date and time of the job's time zone", () => {
    expect(fileNames({ ...naming, timezone: 'Pacific/Apia' }).shown).toContain('2026-11-24_16-49-44');
    expect(fileNames({ ...naming, timezone: 'Pacific/Honolulu' }).shown).toContain('2026-11-23_17-49-44');
  });

  it('keeps letters of any script in the shown name and leaves them out of the ASCII name', () => {
    const names = fileNames({ ...naming, layoutName: 'Übersicht 顧客' });
    expect(names.shown).toContain('_Übersicht-顧客_');
    expect(names.ascii).toContain('_Ubersicht_');
  });

  it('omits a layout name without letters and digits', () => {
    expect(fileNames({ ...naming, layoutName: '../' }).ascii).toBe(
      'contacts_2026-11-24_10-49-44_0f8b1c22.xlsx',
    );
  });

  it('returns names that are safe in paths, headers and file systems for every layout name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (layoutName) => {
        const { shown, ascii } = fileNames({ ...naming, layoutName });
        expect(ascii).toMatch(/^contacts(_[A-Za-z0-9-]+)?_2026-11-24_10-49-44_0f8b1c22\.xlsx$/);
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f/\\:*?"<>|]/);
        expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(255);
      }),
    );
  });
});

describe('storageKey and parseStorageKey', () => {
  it('write and read company, job and epoch', () => {
    const key = storageKey('main', { companyId: 'acme', jobId: naming.jobId, epoch: 3 }, 'contacts.xlsx');
    expect(key).toBe(`private/exports/main/acme/${naming.jobId}/3/contacts.xlsx`);
    expect(parseStorageKey('main', key)).toEqual({ companyId: 'acme', jobId: naming.jobId, epoch: 3 });
  });

  it("never place a file in another company's folder", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1 }), (company, epoch) => {
        const key = storageKey('main', { companyId: company, jobId: naming.jobId, epoch }, 'f.csv');
        expect(parseStorageKey('main', key)).toEqual({ companyId: company, jobId: naming.jobId, epoch });
      }),
    );
  });

  it.each([
    'other/main/acme/job/1/f.csv',
    'private/exports/other/acme/job/1/f.csv',
    'private/exports/main-2/acme/job/1/f.csv',
    'private/exports/main/acme/job/0/f.csv',
    'private/exports/main/a/b/1/c/d',
    'private/exports/main/a/b/x/c',
    'private/exports/main/%E0%A4%A/job/1/f.csv',
  ])('do not accept %s', (key) => expect(parseStorageKey('main', key)).toBeUndefined());
});
