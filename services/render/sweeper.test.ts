import { describe, expect, it } from 'vitest';
import { isOrphan, orphanAgeMs, removalDueBefore } from './retention.ts';

const now = Date.UTC(2026, 0, 10);
const old = { key: 'private/exports/c/j/1/f.csv', at: now - orphanAgeMs };
const file = { bucket: 'b', key: old.key, name: 'f.csv', content_type: 'text/csv', bytes: 1, expires_at: 0 };

describe('something in storage', () => {
  it('is an orphan when nobody knows its job', () => {
    expect(isOrphan(old, null, now)).toBe(true);
  });

  it('is left alone for a day, since its job may still be at work', () => {
    expect(isOrphan({ ...old, at: old.at + 1 }, null, now)).toBe(false);
  });

  it('is left alone while its job is open, however old it is', () => {
    expect(isOrphan({ ...old, at: 0 }, { state: 'open', file: null }, now)).toBe(false);
  });

  it('is an orphan when its job ended without it', () => {
    expect(isOrphan(old, { state: 'failed', file: null }, now)).toBe(true);
    expect(
      isOrphan(old, { state: 'succeeded', file: { ...file, key: 'private/exports/c/j/2/f.csv' } }, now),
    ).toBe(true);
  });

  it('is no orphan when the pointer names it', () => {
    expect(isOrphan(old, { state: 'succeeded', file }, now)).toBe(false);
  });
});

describe('an expired file', () => {
  it('is removed ten minutes after it expired, when no signed URL can be in use', () => {
    expect(removalDueBefore(now)).toBe(now - 600_000);
  });
});
