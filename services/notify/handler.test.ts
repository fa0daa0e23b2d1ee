import { ExportError } from '@waybill/errors';
import { deadLetter, done, retry, skip } from '@waybill/kafka';
import { describe, expect, it } from 'vitest';
import { combineOutcomes } from './handler.ts';

const unavailable = retry(new ExportError('MAIL_UNAVAILABLE'));
const refused = deadLetter(new ExportError('MAIL_REFUSED'));

describe('combineOutcomes', () => {
  it('returns a retry while one email may still succeed', () => {
    expect(combineOutcomes(done(), refused, unavailable)).toBe(unavailable);
  });

  it('returns a dead letter if one email can never succeed', () => {
    expect(combineOutcomes(done(), refused, skip('sent before'))).toBe(refused);
  });

  it('returns done if one email was sent, and skip if none was needed', () => {
    expect(combineOutcomes(skip('sent before'), done()).kind).toBe('done');
    expect(combineOutcomes(skip('sent before'), skip('stuck'))).toEqual(skip('sent before'));
  });
});
