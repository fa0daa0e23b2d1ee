import { describe, expect, it } from 'vitest';
import { redact } from './index.ts';

describe('redact', () => {
  it.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'Set-Cookie',
    'email',
    'recipient',
    'phone',
    'search',
    'criterion',
    'password',
    'secret_access_key',
    'secretAccessKey',
    'token',
    'access_token',
    'signed_url',
    'download_url',
  ])('replaces the field %s at any depth', (name) => {
    expect(redact({ [name]: 'x', request: { headers: [{ [name]: ['x'] }] } })).toEqual({
      [name]: '[redacted]',
      request: { headers: [{ [name]: '[redacted]' }] },
    });
  });

  it('keeps ids, counts and texts', () => {
    const fields = { job_id: 'j1', company_id: 'c1', rows: 10_000, late: false, cause: null, emails_sent: 1 };
    expect(redact(fields)).toEqual(fields);
  });

  it('replaces credentials and email addresses in any text', () => {
    const signed = 'https://s3.example/b/k?X-Amz-Credential=AKIA%2Fx&X-Amz-Expires=60&X-Amz-Signature=abc123';
    expect(redact({ detail: `GET ${signed} failed`, list: ['Bearer eyJhbGciOi.eyJzdWIi.c2ln'] })).toEqual({
      detail:
        'GET https://s3.example/b/k?X-Amz-Credential=[redacted]&X-Amz-Expires=60&X-Amz-Signature=[redacted] failed',
      list: ['Bearer [redacted]'],
    });
    expect(redact({ to: 'to budi.santoso+x@mail.example.co.id.' })).toEqual({ to: 'to [redacted].' });
    expect(redact({ url: 'mongodb://app:hunter2@db.example/x' })).toEqual({
      url: 'mongodb://[redacted]@db.example/x',
    });
    expect(redact({ url: new URL('https://h/?X-Amz-Signature=abc') })).toEqual({
      url: 'https://h/?X-Amz-Signature=[redacted]',
    });
  });

  it('keeps type, code, message, stack and causes of an error, and no other property', () => {
    const cause = Object.assign(new TypeError('no answer for a@b.example'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('failed', { cause }), { request: { body: 'contact data' } });
    const { error: written } = redact({ error });
    expect(written).toMatchObject({
      type: 'Error',
      message: 'failed',
      cause: { type: 'TypeError', code: 'ECONNREFUSED', message: 'no answer for [redacted]' },
    });
    expect(written).toHaveProperty('stack');
    expect(JSON.stringify(written)).not.toContain('contact data');
  });

  it('ends at an error that is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(redact({ error }))).toContain('round');
  });

  it('converts values that JSON cannot represent: bigints, dates, bytes, cycles and deep objects', () => {
    const cycle: Record<string, unknown> = { offset: 12n };
    cycle['self'] = cycle;
    const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } };
    expect(redact({ cycle, at: new Date(0), bytes: new Uint8Array(5), deep })).toEqual({
      cycle: { offset: '12', self: '[circular]' },
      at: '1970-01-01T00:00:00.000Z',
      bytes: '[5 bytes]',
      deep: { a: { b: { c: { d: { e: '[too deep]' } } } } },
    });
    expect(redact({ at: new Date(Number.NaN) })).toEqual({ at: 'Invalid Date' });
  });

  it('keeps both occurrences of a repeated value', () => {
    const cell = { kind: 'number' };
    expect(redact({ first: cell, second: cell })).toEqual({ first: cell, second: cell });
  });

  it('truncates a text that is too long for a log line', () => {
    expect(String(redact({ text: 'x'.repeat(100_000) })['text']).length).toBeLessThan(9_000);
  });
});
