import { describe, expect, it } from 'vitest';
import { eventId } from '../index.ts';

describe('eventId', () => {
  it('gives a repeated event the same id, today and in any later release', () => {
    expect(eventId('job', 'export.completed', 1)).toBe(eventId('job', 'export.completed', 1));
    expect(eventId('job', 'export.completed', 1)).toBe('8fff10fa-bfb6-5bb7-b252-9faa632150c7');
  });

  it('tells job, type, attempt and sequence apart', () => {
    const ids = [
      eventId('job', 'export.batches', 1, 1),
      eventId('job', 'export.batches', 1, 2),
      eventId('job', 'export.batches', 2, 1),
      eventId('job', 'export.progress', 1, 1),
      eventId('other', 'export.batches', 1, 1),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not confuse a separator inside a part with one between parts', () => {
    expect(eventId('a', 'b', 1, '2","3')).not.toBe(eventId('a', 'b', 1, '2'));
    expect(eventId('a","b', 'c', 1)).not.toBe(eventId('a', 'b","c', 1));
  });
});
