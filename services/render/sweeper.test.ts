import { describe, expect, it } from 'vitest';
import { isOrphan, orphanAgeMs, removalDueBefore, unsafety } from './sweeper.ts';

const now = Date.UTC(2026, 0, 10);
const old = { key: 'private/exports/c/j/1/f.csv', at: now - orphanAgeMs };
const file = { bucket: 'b', key: old.key, name: 'f.csv', content_type: 'text/csv', bytes: 1, expires_at: 0 };

describe('isOrphan', () => {
  it('returns true for an object whose job is unknown', () => {
    expect(isOrphan(old, undefined, now)).toBe(true);
  });

  it('returns false for an object younger than a day, since its job may still be running', () => {
    expect(isOrphan({ ...old, at: old.at + 1 }, undefined, now)).toBe(false);
  });

  it('returns false while the job is open, however old the object is', () => {
    expect(isOrphan({ ...old, at: 0 }, { state: 'open', file: null }, now)).toBe(false);
  });

  it('returns true when the job has ended with another file or without a file', () => {
    expect(isOrphan(old, { state: 'failed', file: null }, now)).toBe(true);
    expect(
      isOrphan(old, { state: 'succeeded', file: { ...file, key: 'private/exports/c/j/2/f.csv' } }, now),
    ).toBe(true);
  });

  it('returns false for the object that the file pointer names', () => {
    expect(isOrphan(old, { state: 'succeeded', file }, now)).toBe(false);
  });

  it('returns false for the list of what that object leaves out, and true for the list of another', () => {
    const list = { ...old, key: `${old.key}.skipped` };
    expect(isOrphan(list, { state: 'succeeded', file }, now)).toBe(false);
    expect(
      isOrphan({ ...old, key: 'private/exports/c/j/2/f.csv.skipped' }, { state: 'succeeded', file }, now),
    ).toBe(true);
    expect(isOrphan(list, { state: 'failed', file: null }, now)).toBe(true);
  });
});

describe('removalDueBefore', () => {
  it('returns the expiry of files that expired ten minutes ago, when no signed URL can be in use', () => {
    expect(removalDueBefore(now)).toBe(now - 600_000);
  });
});

describe('unsafety', () => {
  it('returns undefined while at most 20 % of the objects are unknown', () => {
    expect(unsafety({ looked: 0, unknown: 0, records: 0 }, 20)).toBeUndefined();
    expect(unsafety({ looked: 100, unknown: 20, records: 1 }, 20)).toBeUndefined();
  });

  it('returns the reason once more than 20 % are unknown', () => {
    expect(unsafety({ looked: 100, unknown: 21, records: 1 }, 20)).toContain('21 of 100 files are unknown');
    expect(unsafety({ looked: 1, unknown: 1, records: 1 }, 20)).toContain('1 of 1 files');
  });

  it('returns the reason for an empty store with files, whatever share is allowed', () => {
    expect(unsafety({ looked: 1, unknown: 1, records: 0 }, 100)).toContain('The store has no job');
  });
});
