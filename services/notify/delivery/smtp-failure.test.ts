import { describe, expect, it } from 'vitest';
import { sendResultOf } from './smtp-failure.ts';

function failure(code: string, responseCode?: number): Error {
  return Object.assign(new Error('said no'), { code, responseCode });
}

describe('sendResultOf', () => {
  it('returns a temporary refusal for a 4xx answer to the address or the message', () => {
    expect(sendResultOf(failure('EENVELOPE', 451), false)).toMatchObject({
      kind: 'refused',
      permanent: false,
    });
    expect(sendResultOf(failure('EMESSAGE', 452), true)).toMatchObject({ kind: 'refused', permanent: false });
  });

  it('returns a permanent refusal for a 5xx answer to the address or the message', () => {
    expect(sendResultOf(failure('EENVELOPE', 550), false)).toMatchObject({
      kind: 'refused',
      permanent: true,
    });
    expect(sendResultOf(failure('EMESSAGE', 554), true)).toMatchObject({ kind: 'refused', permanent: true });
  });

  it('returns a permanent refusal for an invalid address that the server did not answer to', () => {
    expect(sendResultOf(failure('EENVELOPE'), false)).toMatchObject({ kind: 'refused', permanent: true });
  });

  it('returns unavailable for a server that cannot be reached', () => {
    for (const code of ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EABORT']) {
      expect(sendResultOf(failure(code), false), code).toMatchObject({ kind: 'unavailable' });
    }
  });

  it('returns unavailable for a refused sign-in, so that the email is not lost', () => {
    expect(sendResultOf(failure('EAUTH', 535), false)).toMatchObject({ kind: 'unavailable' });
  });

  it('returns unknown for a connection that breaks after the message was started', () => {
    for (const code of ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EABORT', 'EPROTOCOL']) {
      expect(sendResultOf(failure(code), true), code).toMatchObject({ kind: 'unknown' });
    }
  });

  it('returns a reason without the address that the server quotes', () => {
    const error = Object.assign(new Error('550 5.1.1 <ani.w+crm@example.co.id>: no such user'), {
      code: 'EENVELOPE',
    });
    expect(sendResultOf(error, false)).toMatchObject({ reason: '550 5.1.1 <[address]>: no such user' });
  });

  it('returns unavailable for a thrown value that is not an error', () => {
    expect(sendResultOf('boom', false)).toEqual({ kind: 'unavailable', reason: 'boom' });
  });
});
