import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventHeaders, readEventHead, textHeaders } from './headers.ts';

const head = { id: 'id-1', type: 'export.requested', companyId: 'c-1', attempt: 2, at: 1_700_000_000_123 };
const origin = { source: 'intake', subject: 'job-1' };

describe('event headers', () => {
  it('are read as they were written, with and without a trace', () => {
    expect(readEventHead(eventHeaders(head, origin))).toEqual(head);
    const traced = { ...head, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    expect(readEventHead(eventHeaders(traced, origin))).toEqual(traced);
  });

  it('keep the time of the event to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (at) => {
        expect(readEventHead(eventHeaders({ ...head, at }, origin)).at).toBe(at);
      }),
    );
  });

  it.each(['ce_id', 'ce_type', 'ce_companyid', 'ce_attempt', 'ce_time'])('are refused without %s', (name) => {
    const entries = Object.entries(eventHeaders(head, origin));
    const others = Object.fromEntries(entries.filter(([other]) => other !== name));
    expect(() => readEventHead(others)).toThrow(`header ${name} is missing`);
    expect(() => readEventHead({ ...others, [name]: '' })).toThrow(`header ${name} is missing`);
  });

  it.each(['0', '-1', '1.5', 'two'])('are refused with the attempt %s', (attempt) => {
    const headers = { ...eventHeaders(head, origin), ce_attempt: attempt };
    expect(() => readEventHead(headers)).toThrow('header ce_attempt is not a count from 1');
  });

  it('are refused with a ce_time that is not a time', () => {
    const headers = { ...eventHeaders(head, origin), ce_time: 'yesterday' };
    expect(() => readEventHead(headers)).toThrow('header ce_time is not a time');
  });
});

describe('textHeaders', () => {
  it('decodes UTF-8, takes the last of several values and leaves out a missing one', () => {
    const raw = { a: Buffer.from('é'), b: ['first', Buffer.from('last')], c: undefined, d: 'text' };
    expect(textHeaders(raw)).toEqual({ a: 'é', b: 'last', d: 'text' });
    expect(textHeaders(undefined)).toEqual({});
  });
});
