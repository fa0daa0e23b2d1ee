import { PassThrough } from 'node:stream';
import { silentLogger } from '@waybill/observability';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, readJsonBody } from './index.ts';
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
  it.each([
    ['a text that is not HTTP', 'hello\r\n\r\n', 400],
    ['headers that are too long', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two contradicting lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
  ])('are answered with a problem and a closed connection (%s)', async (_, bytes, status) => {
    const app = await serving(() => undefined);
    const client = await rawClient(app.port);
    await client.send(bytes);
    const answer = await client.answer;
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*application/problem\\+json`));
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status });
  });
});

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
      'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      { headersTimeoutMs: 100, requestTimeoutMs: 200 },
    ],
    [
      'its body',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      { headersTimeoutMs: 100, requestTimeoutMs: 200 },
    ],
  ])('is answered with 408 if the time-out ends during %s', async (_, bytes, timeouts) => {
    const app = await serving((router) => {
      router.post('/', async (ctx) => {
        ctx.body = await readJsonBody(ctx, 100);
      });
    }, timeouts);
    const client = await rawClient(app.port);
    await client.send(bytes);
    expect(await client.answer).toMatch(/^HTTP\/1.1 408 /);
    expect(app.lines('request failed')).toEqual([]);
  });
});
