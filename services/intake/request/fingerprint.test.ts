import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, fingerprint } from './fingerprint.ts';

describe('the fingerprint of a request', () => {
  it('does not depend on the order of keys', () => {
    expect(fingerprint({ a: 1, b: { c: 2, d: 3 } })).toBe(fingerprint({ b: { d: 3, c: 2 }, a: 1 }));
  });

  it('depends on the order of a list: ids and fields keep theirs', () => {
    expect(fingerprint({ ids: ['1', '2'] })).not.toBe(fingerprint({ ids: ['2', '1'] }));
  });

  it('takes an absent key and an undefined one as the same', () => {
    expect(fingerprint({ a: 1, b: undefined })).toBe(fingerprint({ a: 1 }));
  });

  it('tells different requests apart: canonical JSON reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
