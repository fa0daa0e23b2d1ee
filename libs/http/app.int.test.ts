import { Readable } from 'node:stream';
import { callerOf, type Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { companyId, organizationId, userId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from './index.ts';
import { serve, type ServedApp } from './testing/served-app.ts';

const caller: Caller = {
  userId: userId('u1'),
  companyId: companyId('c1'),
  organizationId: organizationId('o1'),
  permissions: [],
  email: 'budi@example.com',
  locale: 'en',
};

let app: ServedApp;

beforeAll(async () => {
  app = await serve((router) => {
    router.get('/exports/:id', (ctx) => {
      ctx.body = {
        id: ctx.params['id'],
        request_id: ctx.state.requestId,
        traceparent: ctx.state.traceparent,
      };
    });
    router.post('/exports', (ctx) => {
      ctx.status = 202;
      ctx.body = {};
    });
    router.delete('/exports/:id', (ctx) => {
      ctx.status = 204;
    });
    router.get('/mine', (ctx) => {
      ctx.state.caller = caller;
      ctx.body = { company: callerOf(ctx).companyId };
    });
    router.get('/forbidden', (ctx) => {
      ctx.state.caller = { ...caller, locale: 'id' };
      throw new ExportError('FORBIDDEN', { params: { permission: 'contacts.export' } });
    });
    router.get('/limited', () => {
      throw new ExportError('EXPORT_RATE_LIMITED', {
        params: { limit: 5, window_seconds: 3600, retry_after_seconds: 17 },
      });
    });
    router.get('/unavailable', () => {
      throw new ExportError('SERVICE_UNAVAILABLE', { cause: new Error('redis at 10.0.0.7 refused') });
    });
    router.get('/secret', () => {
      throw new ExportError('UNAUTHENTICATED', { params: { reason: 'the token has expired' } });
    });
    router.get('/broken', () => {
      throw new TypeError('cannot read db.internal of undefined');
    });
    router.get('/store', () => {
      throw new ExportError('EXPORT_FAILED', { cause: new Error('an internal code of the store') });
    });
    router.get('/abroad', () => {
      throw new ExportError('REGION_UNAVAILABLE', { params: { region: 'mars' } });
    });
    router.get('/string', () => Promise.reject(new Error('late and internal')));
    router.get('/thrown', (ctx) => ctx.throw(400, 'a message of koa'));
    router.get('/unwritable', (ctx) => {
      ctx.body = { offset: 12n };
    });
    router.get('/half', (ctx) => {
      ctx.body = Readable.from(
        (async function* () {
          yield Buffer.from('half');
          await Promise.resolve();
          throw new Error('the source failed');
        })(),
      );
    });
  });
});

afterAll(() => app.server.stop());

async function problemAt(path: string, init: RequestInit = {}) {
  const response = await fetch(`${app.origin}${path}`, init);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  // The content type names a problem. Each test checks its members.
  return { response, problem: (await response.json()) as Problem };
}

describe('an error response', () => {
  it('is a problem without the query for a path without a route', async () => {
    const { response, problem } = await problemAt('/nowhere?token=secret');
    expect(response.status).toBe(404);
    expect(problem).toMatchObject({
      code: 'ROUTE_NOT_FOUND',
      status: 404,
      instance: '/nowhere',
      detail: 'There is no route for GET /nowhere. See /openapi.json.',
      request_id: response.headers.get('x-request-id'),
    });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('is a problem with Allow for a method that the path does not accept', async () => {
    const { response, problem } = await problemAt('/exports/1', { method: 'PUT' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('HEAD, GET, DELETE');
    expect(problem).toMatchObject({
      code: 'METHOD_NOT_ALLOWED',
      detail: '/exports/1 accepts HEAD, GET, DELETE.',
    });
  });

  it('is a problem for a method that no path accepts', async () => {
    const { response, problem } = await problemAt('/exports', { method: 'PROPFIND' });
    expect(response.status).toBe(405);
    expect(problem.code).toBe('METHOD_NOT_ALLOWED');
  });

  it('is a problem with the parameters of its code', async () => {
    const { response, problem } = await problemAt('/limited');
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('17');
    expect(problem).toMatchObject({ code: 'EXPORT_RATE_LIMITED', limit: 5 });
  });

  it('is a problem with Retry-After for an unavailable server, and is logged with its cause', async () => {
    const { response, problem } = await problemAt('/unavailable');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(problem)).not.toContain('10.0.0.7');
    const [line] = app.lines('request failed').filter(({ request_id: id }) => id === problem.request_id);
    expect(JSON.stringify(line)).toContain('redis at 10.0.0.7 refused');
  });

  it('is a problem with WWW-Authenticate for a caller without a token', async () => {
    const { response } = await problemAt('/secret');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each(['/broken', '/string', '/unwritable', '/store'])(
    'is a problem without details for the unexpected error of %s, and is logged once',
    async (path) => {
      const { response, problem } = await problemAt(path);
      expect(response.status).toBe(500);
      expect(problem).toMatchObject({ code: 'INTERNAL_ERROR', title: 'Something went wrong' });
      expect(JSON.stringify(problem)).not.toMatch(
        /db\.internal|and internal|an internal|stack|TypeError|BigInt/,
      );
      const lines = app.lines('request failed').filter(({ request_id: id }) => id === problem.request_id);
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines[0])).toMatch(/internal|BigInt/);
    },
  );

  it('is a problem for an error of Koa that is meant for the client', async () => {
    const { response, problem } = await problemAt('/thrown');
    expect(response.status).toBe(400);
    expect(problem.code).toBe('MALFORMED_REQUEST');
    expect(JSON.stringify(problem)).not.toContain('a message of koa');
  });

  it('has no Retry-After if an operator must act first', async () => {
    const { response, problem } = await problemAt('/abroad');
    expect([response.status, problem.code]).toEqual([503, 'REGION_UNAVAILABLE']);
    expect(response.headers.get('retry-after')).toBeNull();
  });

  it.each([
    ['', 'Anda tidak boleh melakukan ini'],
    ['fr', 'Anda tidak boleh melakukan ini'],
    ['*', 'Anda tidak boleh melakukan ini'],
    ['en', 'You may not do this'],
    ['en;q=0.5, id', 'Anda tidak boleh melakukan ini'],
  ])(
    'is in the language of the token if the Accept-Language header %j names neither',
    async (header, title) => {
      const { problem } = await problemAt('/forbidden', { headers: { 'accept-language': header } });
      expect(problem.title).toBe(title);
    },
  );

  it.each([
    ['id', 'id', 'Alamat tidak ditemukan'],
    ['id-ID,en;q=0.5', 'id', 'Alamat tidak ditemukan'],
    ['fr, id;q=0.4, en;q=0.8', 'en', 'No such address'],
    ['fr', 'en', 'No such address'],
    ['*', 'en', 'No such address'],
    ['', 'en', 'No such address'],
  ])('is a problem in the language of the Accept-Language header %j', async (header, language, title) => {
    const { response, problem } = await problemAt('/nowhere', { headers: { 'accept-language': header } });
    expect(response.headers.get('content-language')).toBe(language);
    expect(response.headers.get('vary')).toContain('Accept-Language');
    expect(problem.title).toBe(title);
  });

  it('has no body if the method is HEAD', async () => {
    const response = await fetch(`${app.origin}/nowhere`, { method: 'HEAD' });
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('is cut off if the error occurs after its start, so that the client can detect it', async () => {
    const response = await fetch(`${app.origin}/half`);
    await expect(response.text()).rejects.toThrow();
    await expect.poll(() => app.lines('response failed')).toHaveLength(1);
    expect(JSON.stringify(app.lines('response failed'))).toContain('the source failed');
  });
});

describe('a request', () => {
  it('is answered with the status and body that its handler sets', async () => {
    expect((await fetch(`${app.origin}/exports`, { method: 'POST' })).status).toBe(202);
    const deleted = await fetch(`${app.origin}/exports/1`, { method: 'DELETE' });
    expect([deleted.status, await deleted.text()]).toEqual([204, '']);
    const options = await fetch(`${app.origin}/exports`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([200, 'POST']);
  });

  it('is answered with headers that forbid storing and sniffing', async () => {
    const { headers } = await fetch(`${app.origin}/mine`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('keeps the id of a proxy if that is well-formed', async () => {
    const given = { headers: { 'x-request-id': 'proxy-id-0001' } };
    expect(await (await fetch(`${app.origin}/exports/1`, given)).json()).toMatchObject({
      request_id: 'proxy-id-0001',
    });
    const forged = { headers: { 'x-request-id': '{"level":"fatal"}' } };
    const { headers } = await fetch(`${app.origin}/exports/1`, forged);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('continues the trace of its caller', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const init = {
      headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': 'traced-request' },
    };
    // Our own handler answers this.
    const body = (await (await fetch(`${app.origin}/exports/1`, init)).json()) as {
      readonly traceparent: string;
    };
    expect(body.traceparent).toMatch(new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    const line = () => app.lines('request').find(({ request_id: id }) => id === 'traced-request');
    await expect.poll(() => line()?.['trace_id']).toBe(trace);
  });
});

describe('the access log', () => {
  it('has one line for each request with method, pattern, status and time, without the query or an id', async () => {
    await fetch(`${app.origin}/exports/job-77?email=budi@example.com`, {
      headers: { 'x-request-id': 'logged-once' },
    });
    const lines = () => app.lines('request').filter(({ request_id: id }) => id === 'logged-once');
    await expect.poll(lines).toEqual([
      {
        level: 'info',
        time: expect.any(String) as string,
        service: 'test',
        request_id: 'logged-once',
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        method: 'GET',
        route: '/exports/:id',
        status: 200,
        duration_ms: expect.any(Number) as number,
        message: 'request',
      },
    ]);
  });

  it('contains the company of the caller and no other data of the caller', async () => {
    await fetch(`${app.origin}/mine`, { headers: { 'x-request-id': 'of-a-company' } });
    const line = () => app.lines('request').find(({ request_id: id }) => id === 'of-a-company');
    await expect.poll(() => line()?.['company_id']).toBe('c1');
    expect(JSON.stringify(line())).not.toMatch(/budi|u1/);
  });

  it('measures seconds by route, and a client cannot add a label', async () => {
    await fetch(`${app.origin}/exports/1`);
    await fetch(`${app.origin}/invented-${'x'.repeat(40)}`, { method: 'PROPFIND' });
    const counts = async () => (await app.metrics()).match(/duration_seconds_count\{.*/g)?.join('\n') ?? '';
    await expect.poll(counts).toMatch(/method="OTHER",route="unmatched",status="404"\} 1/);
    expect(await counts()).toMatch(/method="GET",route="\/exports\/:id",status="200"/);
    expect(await counts()).not.toMatch(/invented|PROPFIND/);
  });
});
