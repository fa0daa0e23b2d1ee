import { ExportError } from '@waybill/errors';
import { deadLetter, done, retry, skip } from '@waybill/kafka';
import { describe, expect, it } from 'vitest';
import { combineOutcomes } from './handler.ts';

const unavailable = retry(new ExportError('MAIL_UNAVAILABLE'));
const refused = deadLetter(new ExportError('MAIL_REFUSED'));

describe('combineOutcomes', () => {
  it('the combined outcome is a retry while one email may still succeed', () => {
    expect(combineOutcomes(done(), refused, unavailable)).toBe(unavailable);
  });

  it('the combined outcome is a dead letter where one email can never succeed', () => {
    expect(combineOutcomes(done(), refused, skip('sent before'))).toBe(refused);
  });

  it('the combined outcome is done where one email was sent, and skip where none was needed', () => {
    expect(combineOutcomes(skip('sent before'), done()).kind).toBe('done');
    expect(combineOutcomes(skip('sent before'), skip('stuck'))).toEqual(skip('sent before'));
  });
});
