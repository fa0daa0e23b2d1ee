import { describe, expect, it } from 'vitest';
import { sendResultOf } from './smtp-failure.ts';

function failure(code: string, responseCode?: number): Error {
  return Object.assign(new Error('said no'), { code, responseCode });
}

describe('what a failed send means', () => {
  it('a 4xx answer to the address or the message is a refusal that may pass', () => {
    expect(sendResultOf(failure('EENVELOPE', 451), false)).toMatchObject({
      kind: 'refused',
      permanent: false,
    });
    expect(sendResultOf(failure('EMESSAGE', 452), true)).toMatchObject({ kind: 'refused', permanent: false });
  });

  it('a 5xx answer to the address or the message is a refusal for good', () => {
    expect(sendResultOf(failure('EENVELOPE', 550), false)).toMatchObject({
      kind: 'refused',
      permanent: true,
    });
    expect(sendResultOf(failure('EMESSAGE', 554), true)).toMatchObject({ kind: 'refused', permanent: true });
  });

  it('an address that is none is a refusal for good, without asking the server', () => {
    expect(sendResultOf(failure('EENVELOPE'), false)).toMatchObject({ kind: 'refused', permanent: true });
  });

  it('a server that cannot be reached has not accepted anything', () => {
    for (const code of ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EABORT']) {
      expect(sendResultOf(failure(code), false), code).toMatchObject({ kind: 'refused', permanent: false });
    }
  });

  it('a refused sign-in waits for the operator instead of losing the email', () => {
    expect(sendResultOf(failure('EAUTH', 535), false)).toMatchObject({ kind: 'refused', permanent: false });
  });

  it('a connection that breaks once the message was on its way leaves acceptance unknown', () => {
    for (const code of ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EABORT', 'EPROTOCOL']) {
      expect(sendResultOf(failure(code), true), code).toMatchObject({ kind: 'unknown' });
    }
  });

  it('repeats no address that the server quotes', () => {
    const error = Object.assign(new Error('550 5.1.1 <ani.w+crm@example.co.id>: no such user'), {
      code: 'EENVELOPE',
    });
    expect(sendResultOf(error, false)).toMatchObject({ reason: '550 5.1.1 <[address]>: no such user' });
  });

  it('takes anything that is thrown', () => {
    expect(sendResultOf('boom', false)).toEqual({ kind: 'refused', permanent: false, reason: 'boom' });
  });
});
