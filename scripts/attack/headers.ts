import { request, sendRaw, type Attack } from './attack.ts';
import type { Target } from './target.ts';

const options = '/iag/v1/contacts/export/options';

/** Returns requests that the parser or a proxy could read in two ways, and paths that must not exist. */
export function headerAttacks(target: Target): readonly Attack[] {
  return [...smuggling(target), ...pretending(target), ...probing(target)];
}

const line = 'GET / HTTP/1.1\r\nHost: x\r\n';

/** Bytes that are not one HTTP request: refused, or closed without an answer. */
const malformed: readonly (readonly [string, string])[] = [
  ['two lengths', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['an unknown encoding', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: cow, identity\r\n\r\n'],
  ['a negative length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ['a length that is not a number', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\na'],
  ['a chunk without a size', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['a blank before a colon', `${line}X-A : b\r\n\r\n`],
  ['an end of text in a header', `${line}X-A: b\u0000c\r\n\r\n`],
  ['a line feed alone', 'GET / HTTP/1.1\nHost: x\n\nGET /a HTTP/1.1\r\n\r\n'],
  ['a header without a colon', `${line}nonsense\r\n\r\n`],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['an unknown version', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['an unknown method', 'HACK / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a method of nonsense', '\u0001\u0002\u0003 / HTTP/1.1\r\n\r\n'],
  ['the hello of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n'],
  ['another protocol', 'HELO mail.example\r\n\r\n'],
];

function smuggling({ urls }: Target): readonly Attack[] {
  return (['intake', 'history'] as const).flatMap((service) =>
    malformed.map(([name, bytes]): Attack => ({
      name: `${name} at ${service}`,
      expected: [0, 400, 501],
      send: () => sendRaw(urls[service] ?? '', bytes),
    })),
  );
}

/** Headers that pretend to be somebody or something else change nothing. */
function pretending({ urls, attacker: token }: Target): readonly Attack[] {
  const at = (
    name: string,
    expected: number,
    headers: Readonly<Record<string, string>>,
    session = token,
  ): Attack => ({
    name,
    expected: [expected],
    send: () =>
      request(`${urls.intake ?? ''}${options}`, { headers, token: session === '' ? undefined : session }),
  });
  const history = `${urls.history ?? ''}/iag/v1/contacts/export/history`;
  return [
    at('a company in a header', 401, { 'x-company-id': 'victim', 'x-user-id': 'boss' }, ''),
    at('a user of a proxy', 401, { 'x-forwarded-user': 'boss', 'x-remote-user': 'boss' }, ''),
    at('a session cookie at intake', 401, { cookie: `waybill_session=${token}` }, ''),
    at('an original address', 200, { 'x-original-url': '/metrics', 'x-rewrite-url': '/metrics' }),
    at('another method in a header', 200, { 'x-http-method-override': 'DELETE' }),
    at('a request id of nonsense', 200, { 'x-request-id': '"><script>alert(1)</script>' }),
    at('a trace of nonsense', 200, { traceparent: '00-zz-zz-zz' }),
    at('languages of nonsense', 200, { 'accept-language': `${'*;q=0.1,'.repeat(500)}x` }),
    at('no accepted type', 200, { accept: 'application/x-nothing' }),
    at('a range of nonsense', 200, { range: 'bytes=0-18446744073709551615' }),
    {
      name: 'a cookie of nonsense at a download',
      expected: [401],
      send: () => request(`${history}/x/download`, { headers: { cookie: 'waybill_session=a.b.c; x=%00' } }),
    },
    {
      name: 'a host of somebody else',
      expected: [200],
      send: () =>
        sendRaw(
          urls.intake ?? '',
          `GET ${options} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n` +
            `Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
        ),
    },
  ];
}

/** Paths of other software, of the operator, and of a client that prefixes twice. */
const absent = [
  '/metrics',
  '/livez',
  '/readyz',
  '/.env',
  '/.git/config',
  '/admin',
  '/debug/pprof',
  '/server-status',
  '/actuator/env',
  '/package.json',
  '/main.ts',
  '/iag/iag/v1/contacts/export/options',
  '/iag/v1/../../etc/passwd',
  '//evil.example/%2e%2e',
];

function probing({ urls, attacker: token }: Target): readonly Attack[] {
  const services = (['intake', 'history', 'notify', 'resolver', 'render'] as const).filter(
    (service) => urls[service] !== undefined,
  );
  const found = services.flatMap((service) =>
    (service === 'intake' ? absent : absent.slice(0, 4)).map((path): Attack => ({
      name: `GET ${path} at ${service}`,
      expected: [404],
      send: () => request(`${urls[service] ?? ''}${path}`, { token }),
    })),
  );
  const methods = ['TRACE', 'PUT', 'PATCH', 'PROPFIND', 'OPTIONS'].map((method): Attack => ({
    name: `${method} of the options`,
    expected: [200, 204, 404, 405, 501],
    send: () =>
      sendRaw(
        urls.intake ?? '',
        `${method} ${options} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      ),
  }));
  return [...found, ...methods];
}
