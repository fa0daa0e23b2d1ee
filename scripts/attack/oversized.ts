import { gzipSync } from 'node:zlib';
import { request, sendRaw, type Attack, type RequestOptions } from './attack.ts';
import type { Target } from './target.ts';

const exports = '/iag/v1/contacts/export';
const text = (length: number): string => 'x'.repeat(length);

/** Returns requests that are larger than a limit. */
export function oversizedAttacks(target: Target): readonly Attack[] {
  return [...bytes(target), ...values(target), ...heads(target)];
}

function bytes({ urls, attacker: token }: Target): readonly Attack[] {
  const large = `"${text(1_048_577)}"`;
  const at = (service: 'intake' | 'history' | 'notify', path: string) => `${urls[service] ?? ''}${path}`;
  const post = (body: string): RequestOptions => ({ method: 'POST', token, body });
  const attack = (name: string, expected: number, url: string, options: RequestOptions): Attack => ({
    name,
    expected: [expected],
    send: () => request(url, options),
  });
  const zipped = {
    method: 'POST',
    token,
    body: gzipSync(JSON.stringify({ criterion: { search: text(5_000_000) } })).toString('latin1'),
    headers: { 'content-encoding': 'gzip' },
  };
  const form = { 'content-type': 'multipart/form-data; boundary=x' };
  return [
    attack('a large export', 413, at('intake', exports), post(large)),
    attack('a large preflight', 413, at('intake', `${exports}/preflight`), post(large)),
    attack('a large search', 413, at('intake', '/iag/v1/contacts/search'), post(large)),
    attack('a large preset', 413, at('intake', `${exports}/presets`), post(large)),
    attack(
      'many ids of notifications',
      413,
      at('notify', '/iag/v1/notifications/read'),
      post(`"${text(16_400)}"`),
    ),
    attack('a compressed body', 415, at('intake', '/iag/v1/contacts/search'), zipped),
    attack('a form', 415, at('intake', '/iag/v1/contacts/search'), { ...post('--x--'), headers: form }),
    {
      name: 'a body in chunks that does not end',
      expected: [413],
      send: () =>
        sendRaw(
          at('intake', '/'),
          [
            `POST /iag/v1/contacts/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}`,
            'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
            `${(1_100_000).toString(16)}\r\n${text(1_100_000)}\r\n`,
          ].join('\r\n'),
        ),
    },
    {
      name: 'an announced body of a terabyte',
      expected: [413],
      send: () =>
        sendRaw(
          at('intake', '/'),
          `POST /iag/v1/contacts/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
            'Content-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n{',
        ),
    },
  ];
}

const many = <T>(length: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length }, (_, index) => make(index));
const filter = { field: 'first_name', op: 'eq', value: 'x' };
const selection = { format: 'csv', layout_id: 'default', selected_fields: ['email'], timezone: 'UTC' };

/** Lists and texts that are longer than their limit. */
function values({ urls, attacker: token }: Target): readonly Attack[] {
  const search = '/iag/v1/contacts/search';
  const bodies: readonly (readonly [string, string, object])[] = [
    ['51 filters', search, { criterion: { filters: many(51, () => filter) } }],
    [
      '1,001 values',
      search,
      { criterion: { filters: [{ ...filter, op: 'in', value: many(1_001, String) }] } },
    ],
    ['a value of 1,001 characters', search, { criterion: { filters: [{ ...filter, value: text(1_001) }] } }],
    ['a search of 201 characters', search, { criterion: { search: text(201) } }],
    ['a search of 11 words', search, { criterion: { search: many(11, () => 'a').join(' ') } }],
    ['a name of 201 characters', search, { criterion: { filters: [{ ...filter, field: text(201) }] } }],
    ['501 columns', search, { fields: many(501, (index) => `f${index}`) }],
    ['a page of 201 contacts', search, { limit: 201 }],
    ['a cursor of 2,001 characters', search, { cursor: text(2_001) }],
    [
      '501 fields',
      exports,
      { ...selection, selection_mode: 'all', selected_fields: many(501, (index) => `f${index}`) },
    ],
    [
      '10,001 ids',
      exports,
      { ...selection, selection_mode: 'ids', ids: many(10_001, (index) => `id-${index}`) },
    ],
    ['an id of 201 characters', exports, { ...selection, selection_mode: 'ids', ids: [text(201)] }],
    ['a layout of 201 characters', exports, { ...selection, selection_mode: 'all', layout_id: text(201) }],
    ['a long name of a preset', `${exports}/presets`, { name: text(5_000), configuration: selection }],
  ];
  const sized = bodies.map(([name, path, body]): Attack => ({
    name: `${name} at ${path}`,
    expected: [422],
    send: () => request(`${urls.intake ?? ''}${path}`, { method: 'POST', token, body }),
  }));
  const headers = { 'idempotency-key': text(256) };
  const body = { ...selection, selection_mode: 'all' };
  const key: Attack = {
    name: 'an Idempotency-Key of 256 characters',
    expected: [422],
    send: () => request(`${urls.intake ?? ''}${exports}`, { method: 'POST', token, body, headers }),
  };
  return [...sized, key];
}

/** Request lines and headers that are larger than the parser takes. */
function heads({ urls }: Target): readonly Attack[] {
  return (['intake', 'history', 'notify'] as const).flatMap((service): readonly Attack[] => {
    const url = `${urls[service] ?? ''}/`;
    return [
      {
        name: `an address of 70,000 characters at ${service}`,
        expected: [414, 431],
        send: () => sendRaw(url, `GET /${text(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
      },
      {
        name: `a header of 70,000 characters at ${service}`,
        expected: [431],
        send: () => sendRaw(url, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${text(70_000)}\r\n\r\n`),
      },
      {
        name: `a token of 70,000 characters at ${service}`,
        expected: [431],
        send: () =>
          sendRaw(url, `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${text(70_000)}\r\n\r\n`),
      },
    ];
  });
}
