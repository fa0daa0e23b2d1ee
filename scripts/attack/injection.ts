import { request, type Attack } from './attack.ts';
import type { Target } from './target.ts';

const exports = '/iag/v1/contacts/export';

/** Returns attempts to make a value act as an operator, a path, a pattern or code. */
export function injectionAttacks(target: Target): readonly Attack[] {
  return [...bodies(target), ...paths(target), ...queries(target)];
}

const field = (filter: object) => ({
  criterion: { filters: [{ field: 'first_name', op: 'eq', value: 'x', ...filter }] },
});

/** Bodies of a search, with the status of a sound answer: a value that is only a value finds nothing. */
const searches: readonly (readonly [string, unknown, number])[] = [
  ['an operator as a value', field({ value: { $ne: null } }), 422],
  ['code as a value', field({ value: { $where: 'sleep(1000)' } }), 422],
  ['an operator in a list', field({ op: 'in', value: [{ $gt: '' }] }), 422],
  ['an operator as a field', field({ field: '$where' }), 422],
  ['a path as a field', field({ field: 'custom_fields.value' }), 422],
  ['the id as a field', field({ field: '_id' }), 422],
  ['the prototype as a field', field({ field: '__proto__' }), 422],
  ['an unknown operator', field({ op: '$regex' }), 422],
  ['a pattern', field({ op: 'contains', value: '.*' }), 200],
  ['a pattern that explodes', field({ op: 'contains', value: '(a+)+$' }), 200],
  ['an end of text', field({ value: 'x\u0000y' }), 422],
  ['a half character', field({ value: '\ud800' }), 200],
  ['SQL', field({ value: "' OR 1=1 --" }), 200],
  ['a formula', field({ value: '=cmd|/c calc' }), 200],
  ['a pattern in the search', { criterion: { search: '.* ^ $ [a-' } }, 200],
  ['an operator in the search', { criterion: { search: { $ne: '' } } }, 422],
  ['an operator in the criterion', { criterion: { $where: '1', filters: [] } }, 422],
  ['natural order', { criterion: { sort: { field: '$natural', direction: 'asc' } } }, 422],
  ['a number as direction', { criterion: { sort: { field: 'first_name', direction: -1 } } }, 422],
  ['a forged cursor', { cursor: Buffer.from('{"$gt":""}').toString('base64url') }, 422],
  ['a cursor of nonsense', { cursor: '%00../..' }, 422],
  ['an operator as the layout', { layout_id: { $gt: '' } }, 422],
  ['a path as the layout', { layout_id: '../../etc/passwd' }, 422],
  ['a path as the timezone', { timezone: '../../etc/passwd' }, 422],
  ['a prototype', '{"__proto__":{"admin":true}}', 422],
  ['a constructor', '{"constructor":{"prototype":{"admin":true}}}', 422],
  ['a list as the body', '[]', 422],
  ['nothing as the body', 'null', 422],
  ['half a body', '{"criterion":', 400],
  ['bytes that are not a text', '{"criterion":{"search":"\\ud800\\u0000"}}', 422],
  ['deep lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 422],
  ['deep objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, 422],
];

const configuration = { format: 'csv', layout_id: 'default', selected_fields: ['email'], timezone: 'UTC' };

/** Bodies of a preflight and of a preset. */
const others: readonly (readonly [string, string, unknown, number])[] = [
  ['an operator as the mode', 'preflight', { ...configuration, selection_mode: { $ne: 'ids' } }, 422],
  ['operators as ids', 'preflight', { ...configuration, selection_mode: 'ids', ids: [{ $gt: '' }] }, 422],
  ['a path as the format', 'preflight', { ...configuration, selection_mode: 'all', format: '../xlsx' }, 422],
  [
    'an operator as a source',
    'preflight',
    { ...configuration, selection_mode: 'all', source: [{ $ne: '' }] },
    422,
  ],
  [
    'a long delimiter',
    'preflight',
    { ...configuration, selection_mode: 'all', csv: { delimiter: '\r\n' } },
    422,
  ],
  ['an operator as the name', 'presets', { name: { $ne: '' }, configuration }, 422],
  ['another owner of a preset', 'presets', { name: 'x', user_id: 'boss', configuration }, 422],
  ['another company of a preset', 'presets', { name: 'x', company_id: 'victim', configuration }, 422],
];

function bodies({ urls, attacker: token }: Target): readonly Attack[] {
  const search = `${urls.intake ?? ''}/iag/v1/contacts/search`;
  return [
    ...searches.map(([name, body, status]): Attack => ({
      name: `search with ${name}`,
      expected: [status],
      send: () => request(search, { method: 'POST', token, body }),
    })),
    ...others.map(([name, route, body, status]): Attack => ({
      name: `${route} with ${name}`,
      expected: [status],
      send: () => request(`${urls.intake ?? ''}${exports}/${route}`, { method: 'POST', token, body }),
    })),
  ];
}

/** Ids as they could break out of a path, a query or a key of a file. */
const ids = [
  '..%2f..%2fadmin',
  '%00',
  '%0d%0aX-Evil:%201',
  "'%20OR%201=1",
  '%7B%22$ne%22:null%7D',
  '[$ne]=1',
  'x'.repeat(500),
];

function paths({ urls, attacker: token }: Target): readonly Attack[] {
  const routes = [
    [`${urls.intake ?? ''}${exports}/status/`, ''],
    [`${urls.history ?? ''}${exports}/history/`, '/download'],
  ] as const;
  return routes.flatMap(([start, end]) =>
    ids.map((id): Attack => ({
      name: `${id.slice(0, 20)} as an id below ${new URL(start).pathname}`,
      expected: [400, 404],
      send: () => request(`${start}${id}${end}`, { token }),
    })),
  );
}

function queries({ urls, attacker: token }: Target): readonly Attack[] {
  const all: readonly (readonly ['intake' | 'history' | 'notify', string, readonly number[]])[] = [
    ['history', `${exports}/history?scope[$ne]=mine`, [422]],
    ['history', `${exports}/history?scope=mine&scope=organization`, [422]],
    ['history', `${exports}/history?cursor=eyIkZ3QiOiIifQ`, [422]],
    ['history', `${exports}/history?limit=1e9`, [422]],
    ['history', `${exports}/history?timezone=../../etc/passwd`, [422]],
    ['history', `${exports}/history?from=0000-00-00`, [422]],
    ['notify', '/iag/v1/notifications?limit[$gt]=0', [422]],
    ['notify', '/iag/v1/notifications?cursor=%00', [422]],
    ['notify', '/iag/v1/notifications?unread=true&unread=false', [422]],
    ['intake', '/iag/v1/contacts/field_properties?layout_id[$ne]=x', [200, 422]],
    ['intake', '/iag/v1/contacts/field_properties?per_page=-1', [422]],
    ['intake', '/iag/v1/contacts/field_properties?page=NaN', [422]],
  ];
  return all.map(([service, path, expected]) => ({
    name: `GET ${path}`,
    expected,
    send: () => request(`${urls[service] ?? ''}${path}`, { token }),
  }));
}
