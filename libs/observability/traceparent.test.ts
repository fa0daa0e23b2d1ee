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

  it('reads only the sampled flag of the flags', () => {
    expect(parseTraceparent(`00-${traceId}-${parentId}-fe`)?.sampled).toBe(false);
    expect(parseTraceparent(`00-${traceId}-${parentId}-ff`)?.sampled).toBe(true);
  });

  it('reads a later version, whose header may go on after the flags', () => {
    expect(parseTraceparent(`01-${traceId}-${parentId}-01`)?.traceId).toBe(traceId);
    expect(parseTraceparent(`cc-${traceId}-${parentId}-01-what-comes`)?.traceId).toBe(traceId);
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['upper case', valid.toUpperCase()],
    ['the forbidden version', `ff-${traceId}-${parentId}-01`],
    ['more than version 00 has', `${valid}-x`],
    ['a later version that goes on without a dash', `01-${traceId}-${parentId}-01x`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-${traceId.slice(1)}-${parentId}-01`],
    ['no flags', `00-${traceId}-${parentId}`],
    ['blanks around it', ` ${valid} `],
    ['a second line', `${valid}\n`],
    ['two headers in one', `${valid},${valid}`],
  ])('refuses %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

describe('the header that is passed on', () => {
  it('is a sampled one of its own for a new trace', () => {
    const first = parseTraceparent(newTraceparent());
    expect(first?.sampled).toBe(true);
    expect(parseTraceparent(newTraceparent())?.traceId).not.toBe(first?.traceId);
  });

  it('keeps trace and sampling of its parent, as a span of its own', () => {
    const child = parseTraceparent(childOf(`00-${traceId}-${parentId}-00`));
    expect(child).toMatchObject({ traceId, sampled: false });
    expect(child?.parentId).not.toBe(parentId);
  });

  it('is valid whatever came in', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ unit: 'binary' }), { nil: undefined }), (header) => {
        expect(parseTraceparent(childOf(header))).toBeDefined();
      }),
    );
  });
});
