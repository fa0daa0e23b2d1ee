import { describe, expect, it } from 'vitest';
import { eventId } from '../index.ts';

describe('eventId', () => {
  it('returns the same id for a repeated event, in every release', () => {
    expect(eventId('job', 'export.completed', 1)).toBe(eventId('job', 'export.completed', 1));
    expect(eventId('job', 'export.completed', 1)).toBe('8fff10fa-bfb6-5bb7-b252-9faa632150c7');
  });

  it('returns different ids for different jobs, types, attempts and sequences', () => {
    const ids = [
      eventId('job', 'export.batches', 1, 1),
      eventId('job', 'export.batches', 1, 2),
      eventId('job', 'export.batches', 2, 1),
      eventId('job', 'export.progress', 1, 1),
      eventId('other', 'export.batches', 1, 1),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not confuse a separator inside an argument with one between arguments', () => {
    expect(eventId('a', 'b', 1, '2","3')).not.toBe(eventId('a', 'b', 1, '2'));
    expect(eventId('a","b', 'c', 1)).not.toBe(eventId('a', 'b","c', 1));
  });
});
