import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childOf, newTraceparent, parseTraceparent } from './index.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const valid = `00-${traceId}-${parentId}-01`;

describe('parseTraceparent', () => {
  it('reads the example of the standard', () => {
    expect(parseTraceparent(valid)).toEqual({ traceId, parentId, sampled: true });
    expect(parseTraceparent(`00-${traceId}-${parentId}-00`)?.sampled).toBe(false);
  });

  it('reads the sampled flag only', () => {
    expect(parseTraceparent(`00-${traceId}-${parentId}-fe`)?.sampled).toBe(false);
    expect(parseTraceparent(`00-${traceId}-${parentId}-ff`)?.sampled).toBe(true);
  });

  it('reads a later version, with or without text after the flags', () => {
    expect(parseTraceparent(`01-${traceId}-${parentId}-01`)?.traceId).toBe(traceId);
    expect(parseTraceparent(`cc-${traceId}-${parentId}-01-what-comes`)?.traceId).toBe(traceId);
  });

  it.each([
    ['a missing header', undefined],
    ['an empty header', ''],
    ['upper case', valid.toUpperCase()],
    ['the forbidden version', `ff-${traceId}-${parentId}-01`],
    ['text after a header of version 00', `${valid}-x`],
    ['a later version with text after the flags and no dash', `01-${traceId}-${parentId}-01x`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-${traceId.slice(1)}-${parentId}-01`],
    ['a header without flags', `00-${traceId}-${parentId}`],
    ['blanks around the header', ` ${valid} `],
    ['a line break after the header', `${valid}\n`],
    ['two headers in one', `${valid},${valid}`],
  ])('returns undefined for %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

describe('childOf and newTraceparent', () => {
  it('start a new sampled trace without a parent', () => {
    const first = parseTraceparent(newTraceparent());
    expect(first?.sampled).toBe(true);
    expect(parseTraceparent(newTraceparent())?.traceId).not.toBe(first?.traceId);
  });

  it('keep trace and sampling of the parent under a new span id', () => {
    const child = parseTraceparent(childOf(`00-${traceId}-${parentId}-00`));
    expect(child).toMatchObject({ traceId, sampled: false });
    expect(child?.parentId).not.toBe(parentId);
  });

  it('return a valid header for every input', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ unit: 'binary' }), { nil: undefined }), (header) => {
        expect(parseTraceparent(childOf(header))).toBeDefined();
      }),
    );
  });
});
