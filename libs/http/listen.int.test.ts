import { PassThrough } from 'node:stream';
import { catalogue, type ErrorCode } from '@waybill/errors';
import { silentLogger } from '@waybill/observability';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, readJsonBody, type Problem } from './index.ts';
import { rawClient } from './testing/raw-client.ts';
import { serve, type ServedApp } from './testing/served-app.ts';

const apps: ServedApp[] = [];

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.server.stop()));
});

async function serving(...options: Parameters<typeof serve>): Promise<ServedApp> {
  const app = await serve(...options);
  apps.push(app);
  return app;
}

describe('HttpServer.stop', () => {
  it('waits for a running request, answers it with Connection: close, and accepts no other request', async () => {
    let finish: () => void = () => undefined;
    let started = false;
    const app = await serving((router) => {
      router.get('/slow', async (ctx) => {
        started = true;
        await new Promise<void>((resolve) => (finish = resolve));
        ctx.body = 'done';
      });
    });
    const client = await rawClient(app.port);
    await client.send('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => started).toBe(true);
    let stopped = false;
    const stopping = app.server.stop().then(() => (stopped = true));
    await expect(fetch(`${app.origin}/slow`)).rejects.toThrow();
    expect(stopped).toBe(false);
    finish();
    expect(await client.answer).toMatch(/^HTTP\/1.1 200 OK[^]*Connection: close[^]*done$/);
    await stopping;
  });

  it('closes idle connections at once', async () => {
    const app = await serving((router) => {
      router.get('/', (ctx) => {
        ctx.body = 'x';
      });
    });
    const client = await rawClient(app.port);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => client.received()).toContain('Keep-Alive: timeout=65');
    await app.server.stop();
    await client.answer;
  });

  it('closes connections that are open after the grace period, such as event streams', async () => {
    const app = await serving(
      (router) => {
        router.get('/events', (ctx) => {
          const events = new PassThrough();
          events.write('data: 1\n\n');
          ctx.type = 'text/event-stream';
          ctx.body = events;
        });
      },
      { graceMs: 50 },
    );
    const response = await fetch(`${app.origin}/events`);
    await app.server.stop();
    await expect(response.text()).rejects.toThrow();
    await expect.poll(() => app.lines('request')).toMatchObject([{ route: '/events', status: 499 }]);
    expect(app.lines('response failed')).toEqual([]);
  });

  it('may be called twice', async () => {
    const app = await serving(() => undefined);
    await Promise.all([app.server.stop(), app.server.stop()]);
  });
});

describe('listen on a port that is in use', () => {
  it('rejects with the setting to change', async () => {
    const app = await serving(() => undefined);
    const again = listen(() => undefined, { host: '127.0.0.1', port: app.port, logger: silentLogger() });
    await expect(again).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    await expect(again).rejects.toThrow(/Cannot listen on 127\.0\.0\.1:\d+ .*EADDRINUSE.* Set HTTP_PORT/);
  });
});

describe('bytes that are not an HTTP request', () => {
  it.each<[string, string, number, ErrorCode, RegExp]>([
    ['a text that is not HTTP', 'hello\r\n\r\n', 400, 'MALFORMED_REQUEST', /^urn:uuid:[0-9a-f-]{36}$/],
    [
      'headers that are too long',
      `GET /a?token=secret HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
      /^\/a$/,
    ],
    [
      'two contradicting lengths',
      'POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'MALFORMED_REQUEST',
      /^\/b$/,
    ],
  ])('are answered with a problem and a closed connection (%s)', async (_, bytes, status, code, instance) => {
    const app = await serving(() => undefined);
    const client = await rawClient(app.port);
    await client.send(bytes);
    const answer = await client.answer;
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*application/problem\\+json`));
    expect(problemIn(answer)).toEqual({
      type: `urn:waybill:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: catalogue[code].title.en,
      status,
      detail: catalogue[code].detail.en,
      instance: expect.stringMatching(instance) as unknown,
      code,
      request_id: requestIdIn(answer),
    });
  });

  it('are answered with the request id that they have', async () => {
    const app = await serving(() => undefined);
    const client = await rawClient(app.port);
    await client.send('GET / HTTP/1.1\r\nX-Request-Id: proxy-id-0001\r\nno colon\r\n\r\n');
    const answer = await client.answer;
    expect([requestIdIn(answer), problemIn(answer).request_id]).toEqual(['proxy-id-0001', 'proxy-id-0001']);
  });
});

/** Returns the body of a raw answer, which is a problem. */
function problemIn(answer: string): Problem {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Problem;
}

function requestIdIn(answer: string): string | undefined {
  return /^X-Request-Id: (.+)\r$/m.exec(answer)?.[1];
}

describe('bytes that are not a request after the start of an answer', () => {
  it('end the answer without a second answer', async () => {
    const app = await serving((router) => {
      router.post('/events', (ctx) => {
        const events = new PassThrough();
        events.write('data: 1\n\n');
        ctx.body = events;
      });
    });
    const client = await rawClient(app.port);
    await client.send('POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    await expect.poll(() => client.received()).toContain('data: 1');
    await client.send('no chunk size\r\n');
    const answer = await client.answer;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).not.toContain('400 Bad Request');
  });
});

describe('a client that sends too slowly', () => {
  it.each([
    [
      'its headers',
      'GET /slow HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      { headersTimeoutMs: 100, requestTimeoutMs: 200 },
      /^urn:uuid:|^\/slow$/,
    ],
    [
      'its body',
      'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      { headersTimeoutMs: 100, requestTimeoutMs: 200 },
      /^\/slow$/,
    ],
  ])('is answered with 408 if the time-out ends during %s', async (_, bytes, timeouts, instance) => {
    const app = await serving((router) => {
      router.post('/slow', async (ctx) => {
        ctx.body = await readJsonBody(ctx, 100);
      });
    }, timeouts);
    const client = await rawClient(app.port);
    await client.send(bytes);
    const answer = await client.answer;
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(problemIn(answer)).toMatchObject({
      code: 'REQUEST_TIMEOUT',
      instance: expect.stringMatching(instance) as unknown,
      request_id: requestIdIn(answer),
    });
    expect(app.lines('request failed')).toEqual([]);
  });
});
