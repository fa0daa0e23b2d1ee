import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { request, type Attack, type RequestOptions } from './attack.ts';
import type { SigningKey, Target } from './target.ts';

interface Route {
  readonly name: string;
  readonly url: string;
  readonly method: string;
}

/** Returns a route of each service that can be reached. All of them need a session. */
function routesOf({ urls }: Target): readonly Route[] {
  const routes = [
    ['intake', 'GET', '/iag/v1/contacts/export/options'],
    ['intake', 'POST', '/iag/v1/contacts/export'],
    ['history', 'GET', '/iag/v1/contacts/export/history'],
    ['notify', 'GET', '/iag/v1/notifications'],
    ['resolver', 'POST', '/iag/v1/contacts/export/resolutions/erasures'],
    ['render', 'POST', '/iag/v1/contacts/export/files/erasures'],
  ] as const;
  return routes.flatMap(([service, method, path]) => {
    const origin = urls[service];
    return origin === undefined ? [] : [{ name: `${method} ${path}`, method, url: `${origin}${path}` }];
  });
}

/** Returns attempts to be somebody without a valid token: each is answered with 401. */
export function tokenAttacks(target: Target): readonly Attack[] {
  const headers = [...malformed(target.attacker), ...forged(target.attacker), ...misclaimed(target)];
  return routesOf(target).flatMap(({ name, url, method }) =>
    headers.map(([kind, authorization]): Attack => {
      const options: RequestOptions = {
        method,
        ...(authorization === '' ? {} : { headers: { authorization } }),
      };
      return { name: `${kind} at ${name}`, expected: [401], send: () => request(url, options) };
    }),
  );
}

type Header = readonly [kind: string, authorization: string];

function malformed(token: string): readonly Header[] {
  return [
    ['no token', ''],
    ['an empty token', 'Bearer '],
    ['a password', `Basic ${Buffer.from('admin:admin').toString('base64')}`],
    ['a token that is not one', 'Bearer undefined'],
    ['a token of dots', 'Bearer ...'],
    ['a token of another scheme', `Token ${token}`],
    ['two tokens', `Bearer ${token} ${token}`],
    ['a token without its signature', `Bearer ${token.split('.').slice(0, 2).join('.')}.`],
  ];
}

type Json = Readonly<Record<string, unknown>>;

const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(token: string, part: 0 | 1): Json {
  // The issuer's own token.
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString('utf8')) as Json;
}

function signed(header: Json, payload: Json, key: KeyObject): string {
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${sign(null, Buffer.from(content), key).toString('base64url')}`;
}

/** Returns tokens that the issuer has not signed. */
function forged(token: string): readonly Header[] {
  const [header, payload] = [decode(token, 0), decode(token, 1)];
  const [, , signature = ''] = token.split('.');
  const own = generateKeyPairSync('ed25519');
  const jwk = own.publicKey.export({ format: 'jwk' });
  const symmetric = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`;
  const secret = own.publicKey.export({ format: 'pem', type: 'spki' });
  const raised = {
    ...payload,
    permissions: ['contacts.export', 'contacts.export.admin', 'contacts.export.erase'],
  };
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const tokens = [
    ['an unsigned token', `${encode({ ...header, alg: 'none' })}.${encode(payload)}.`],
    ['an unsigned token in capitals', `${encode({ ...header, alg: 'NONE' })}.${encode(payload)}.`],
    [
      'a symmetric signature',
      `${symmetric}.${createHmac('sha256', secret).update(symmetric).digest('base64url')}`,
    ],
    ['the signature of another key', signed(header, payload, own.privateKey)],
    ['an unknown key id', signed({ ...header, kid: 'mine' }, payload, own.privateKey)],
    ['a key in the header', signed({ ...header, jwk }, payload, own.privateKey)],
    [
      'a key server in the header',
      signed({ ...header, jku: 'https://evil.example/keys' }, payload, own.privateKey),
    ],
    ['a key id that is a path', signed({ ...header, kid: '../../../dev/null' }, payload, own.privateKey)],
    ['raised permissions', `${encode(header)}.${encode(raised)}.${signature}`],
    ['another company', `${encode(header)}.${encode({ ...payload, company_id: 'another' })}.${signature}`],
    ['a changed signature', `${encode(header)}.${encode(payload)}.${flipped}`],
  ] as const;
  return tokens.map(([kind, text]) => [kind, `Bearer ${text}`]);
}

/** Returns tokens that the issuer has signed, with claims that are not valid. Needs the key of the issuer. */
function misclaimed({ attacker, signingKey }: Target): readonly Header[] {
  if (signingKey === undefined) return [];
  const [header, payload] = [decode(attacker, 0), decode(attacker, 1)];
  const key = privateKey(signingKey);
  const now = Math.floor(Date.now() / 1_000);
  const changes: readonly (readonly [string, Json])[] = [
    ['an expired token', { exp: now - 60 }],
    ['a token that is not valid yet', { nbf: now + 600 }],
    ['a token without an end', { exp: undefined }],
    ['a token for another audience', { aud: 'another' }],
    ['a token of another issuer', { iss: 'https://evil.example' }],
    ['a token of nobody', { sub: undefined }],
    ['a token without a company', { company_id: undefined }],
    ['an operator as the company', { company_id: { $ne: null } }],
    ['a path as the company', { company_id: '../victim' }],
    ['a line break in the user', { sub: 'mallory\nroot' }],
    ['permissions in a text', { permissions: 'contacts.export' }],
  ];
  return changes.map(([kind, change]) => [kind, `Bearer ${signed(header, { ...payload, ...change }, key)}`]);
}

function privateKey(jwk: SigningKey): KeyObject {
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  // A key pair, not the public half.
  createPublicKey(key);
  return key;
}
