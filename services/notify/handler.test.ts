import { ExportError } from '@waybill/errors';
import { deadLetter, done, retry, skip } from '@waybill/kafka';
import { describe, expect, it } from 'vitest';
import { combine } from './outcomes.ts';

const away = retry(new ExportError('MAIL_UNAVAILABLE'));
const refused = deadLetter(new ExportError('MAIL_REFUSED'));

describe('the outcome of a message that led to several emails', () => {
  it('is a retry as long as one of them may still work', () => {
    expect(combine(done(), refused, away)).toBe(away);
  });

  it('is a dead letter where one of them never will', () => {
    expect(combine(done(), refused, skip('sent before'))).toBe(refused);
  });

  it('is done where one was sent, and skipped where none had to be', () => {
    expect(combine(skip('sent before'), done()).kind).toBe('done');
    expect(combine(skip('sent before'), skip('stuck'))).toEqual(skip('sent before'));
  });
});
