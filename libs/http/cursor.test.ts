import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

describe('decodeCursor', () => {
  it('returns the position that encodeCursor encoded', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.string({ minLength: 1, maxLength: 64 }), (at, id) => {
        expect(decodeCursor(encodeCursor({ at, id }))).toEqual({ at, id });
      }),
    );
  });

  it('rejects a text that encodeCursor did not write', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text)).toThrow('Correct the fields');
      }),
    );
    for (const value of [[1], ['1', 'a'], [1, 'a', 2], [1, { $gt: '' }], [9e15, 'a'], null]) {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url');
      expect(() => decodeCursor(text), text).toThrow('Correct the fields');
    }
  });
});
