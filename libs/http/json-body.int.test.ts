import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJsonBody } from './index.ts';
import { rawClient } from './testing/raw-client.ts';
import { serve, type ServedApp } from './testing/served-app.ts';

const limitBytes = 1024 * 1024;

let app: ServedApp;

beforeAll(async () => {
  app = await serve((router) => {
    router.post('/echo', async (ctx) => {
      ctx.body = { read: await readJsonBody(ctx, limitBytes) };
    });
  });
});

afterAll(() => app.server.stop());

const json = { 'content-type': 'application/json' };

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json) {
  const response = await fetch(`${app.origin}/echo`, { method: 'POST', body, headers });
  // Either the echoed body or a problem. Each test checks which.
  const answer = (await response.json()) as {
    readonly read?: unknown;
    readonly code?: string;
    readonly detail?: string;
  };
  return { status: response.status, ...answer };
}

describe('a JSON body', () => {
  it.each([
    ['an object', '{"a":[1,"é😀"]}', { a: [1, 'é😀'] }],
    ['null', 'null', null],
    ['a text after a byte order mark', '\uFEFF"x"', 'x'],
  ])('is accepted if it is %s', async (_, body, read) => {
    expect(await post(body)).toEqual({ status: 200, read });
  });

  it.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/merge-patch+json',
    'application/json;charset="utf-8"',
  ])('is accepted as %s', async (type) => {
    expect((await post('{}', { 'content-type': type })).status).toBe(200);
  });

  it.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a type that only starts with application/json', { 'content-type': 'application/jsonp' }],
    ['text in another character set', { 'content-type': 'application/json; charset=utf-16' }],
    ['a compressed body', { ...json, 'content-encoding': 'gzip' }],
  ])('is refused if it is sent as %s', async (_, headers) => {
    expect(await post('{}', headers)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it.each([
    ['is cut off', '{"a":', 'it does not parse'],
    ['is not JSON', 'hello', 'it does not parse'],
    ['has a comma too many', '[1,]', 'it does not parse'],
    ['is empty', '', 'it is empty'],
    ['is blank', ' \n', 'it is empty'],
    ['is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'it is not valid UTF-8'],
  ])('is refused if it %s', async (_, body, reason) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      code: 'MALFORMED_JSON',
      detail: `Send a JSON object: ${reason}.`,
    });
  });

  it('is refused with a reason in Indonesian on request', async () => {
    const answer = await post('{', { ...json, 'accept-language': 'id' });
    expect(answer.detail).toBe('Kirim objek JSON: tidak dapat diurai.');
  });

  it('does not change prototypes of the process', async () => {
    await post('{"__proto__":{"polluted":true}}');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a body that is too large', () => {
  const text = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));

  it('is refused from the first byte after the limit', async () => {
    expect((await post(text(limitBytes))).status).toBe(200);
    expect(await post(text(limitBytes + 1))).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
      limit_bytes: limitBytes,
    });
  });

  it('is refused because of its Content-Length before any of it is read', async () => {
    const client = await rawClient(app.port);
    await client.send(
      `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${limitBytes + 1}\r\n\r\n`,
    );
    const answer = await client.answer;
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('Connection: close');
  });

  it('is refused at the limit without a Content-Length, and the connection is closed', async () => {
    const client = await rawClient(app.port);
    await client.send(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    let sent = 0;
    // The server answers after about the limit and the buffers of two sockets. It does not wait for the rest.
    while (client.received() === '' && sent < 64 * limitBytes) {
      await client.send(`${chunk.byteLength.toString(16)}\r\n`);
      await client.send(chunk);
      await client.send('\r\n');
      sent += chunk.byteLength;
    }
    expect(client.received()).toMatch(/^HTTP\/1.1 413 /);
    expect(await client.answer).toContain('BODY_TOO_LARGE');
    expect(sent).toBeLessThan(64 * limitBytes);
  });

  it('is answered although its client is still sending', { timeout: 30_000 }, async () => {
    const body = new Uint8Array(20 * limitBytes).fill(0x20);
    for (let round = 0; round < 20; round += 1) {
      expect((await post(body)).status).toBe(413);
    }
  });
});

describe('a client that disconnects while it sends its body', () => {
  it('causes one log line with status 499 and no error line', async () => {
    const client = await rawClient(app.port);
    await client.send(
      'POST /echo HTTP/1.1\r\nHost: x\r\nX-Request-Id: disconnected\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":',
    );
    client.socket.destroy();
    const line = () => app.lines('request').find(({ request_id: id }) => id === 'disconnected');
    await expect.poll(() => line()?.['status']).toBe(499);
    expect(app.lines('request failed')).toEqual([]);
    expect(app.lines('response failed')).toEqual([]);
  });
});
