import { randomUUID } from 'node:crypto';
import { request, type Attack, type RequestOptions } from './attack.ts';
import type { Target } from './target.ts';

/** Returns attempts of a person with a valid token to reach what belongs to somebody else. */
export function tenantAttacks(target: Target): readonly Attack[] {
  return [...strangerAttacks(target), ...colleagueAttacks(target), ...selectionAttacks(target)];
}

const exports = '/iag/v1/contacts/export';
const history = `${exports}/history`;
const notifications = '/iag/v1/notifications';

type Service = 'intake' | 'history' | 'notify';

function caller({ urls }: Target, token: string) {
  return (
    name: string,
    expected: readonly number[],
    [service, path, options = {}]: readonly [Service, string, RequestOptions?],
  ): Attack => ({
    name,
    expected,
    send: () => request(`${urls[service] ?? ''}${path}`, { ...options, token }),
  });
}

const post = { method: 'POST' } as const;

/** Another company's things do not exist: 404, and never 403. */
function strangerAttacks(target: Target): readonly Attack[] {
  const { victim, attacker } = target;
  const job = victim.jobId;
  const missing = [404];
  const attacks = [
    ['read the status of an export', 'intake', `${exports}/status/${job}`],
    ['follow the status of an export', 'intake', `${exports}/events/${job}`],
    ['cancel an export', 'intake', `${exports}/${job}/cancel`, post],
    ['retry an export', 'intake', `${exports}/${job}/retry`, post],
    [
      'rename a preset',
      'intake',
      `${exports}/presets/${victim.presetId}`,
      { method: 'PATCH', body: { name: 'mine' } },
    ],
    ['delete a preset', 'intake', `${exports}/presets/${victim.presetId}`, { method: 'DELETE' }],
    ['read an entry of the history', 'history', `${history}/${job}`],
    ['list the downloads of a file', 'history', `${history}/${job}/downloads`],
    ['download a file', 'history', `${history}/${job}/download`],
    ['read a notification', 'notify', `${notifications}/${randomUUID()}/read`, post],
  ] as const satisfies readonly (readonly [string, Service, string, RequestOptions?])[];
  const tokens = [
    ['', attacker],
    ...(target.colleagues === undefined ? [] : [[' as an administrator', target.colleagues.admin]]),
  ];
  return tokens.flatMap(([who = '', token = '']) => {
    const attack = caller(target, token);
    return attacks.map(([name, ...call]) => attack(`${name} of another company${who}`, missing, call));
  });
}

/** A colleague's things exist, and need a permission: 403. */
function colleagueAttacks(target: Target): readonly Attack[] {
  const { colleagues, jobId, company, victim } = target;
  if (colleagues === undefined) return [];
  const [clerk, nobody, admin] = [
    caller(target, colleagues.clerk),
    caller(target, colleagues.nobody),
    caller(target, colleagues.admin),
  ];
  const forbidden = [403];
  const body = { format: 'csv', layout_id: 'default', selected_fields: ['email'], selection_mode: 'all' };
  const erasure = { method: 'POST', body: { company_id: company, user_id: 'mallory' } };
  const theirs = { method: 'POST', body: { company_id: victim.company } };
  return [
    clerk("read a colleague's status", forbidden, ['intake', `${exports}/status/${jobId}`]),
    clerk("follow a colleague's status", forbidden, ['intake', `${exports}/events/${jobId}`]),
    clerk("cancel a colleague's export", forbidden, ['intake', `${exports}/${jobId}/cancel`, post]),
    clerk("retry a colleague's export", forbidden, ['intake', `${exports}/${jobId}/retry`, post]),
    clerk("read a colleague's entry", forbidden, ['history', `${history}/${jobId}`]),
    clerk("list a colleague's downloads", forbidden, ['history', `${history}/${jobId}/downloads`]),
    clerk("download a colleague's file", forbidden, ['history', `${history}/${jobId}/download`]),
    clerk('list the history of the company', forbidden, ['history', `${history}?scope=company`]),
    clerk('list the history of a colleague', forbidden, ['history', `${history}?scope=mine&user_id=mallory`]),
    clerk('list the deliveries', forbidden, ['notify', `${notifications}/deliveries`]),
    clerk('send an email again', forbidden, ['notify', `${notifications}/deliveries/x/resend`, post]),
    clerk('erase a colleague in intake', forbidden, ['intake', `${exports}/erasures`, erasure]),
    clerk('erase a colleague in history', forbidden, ['history', `${history}/erasures`, erasure]),
    clerk('erase a colleague in notify', forbidden, ['notify', `${notifications}/erasures`, erasure]),
    nobody('export without the permission', forbidden, ['intake', exports, { method: 'POST', body }]),
    nobody('search without the permission', forbidden, [
      'intake',
      '/iag/v1/contacts/search',
      { method: 'POST', body: {} },
    ]),
    nobody('list fields without the permission', forbidden, ['intake', '/iag/v1/contacts/field_properties']),
    nobody('list the history without a permission', forbidden, ['history', history]),
    admin('erase another company in intake', [422], ['intake', `${exports}/erasures`, theirs]),
    admin('erase another company in history', [422], ['history', `${history}/erasures`, theirs]),
    admin('erase another company in notify', [422], ['notify', `${notifications}/erasures`, theirs]),
    admin(
      "send another company's email again",
      [404],
      ['notify', `${notifications}/deliveries/${victim.jobId}/resend`, post],
    ),
  ];
}

/** Selections that name another company's contacts or people find nothing of them. */
function selectionAttacks(target: Target): readonly Attack[] {
  const { attacker, victim } = target;
  const attack = caller(target, attacker);
  const search = (body: object) => ['intake', '/iag/v1/contacts/search', { method: 'POST', body }] as const;
  const filter = (field: string, value: unknown) => ({
    criterion: { filters: [{ field, op: 'eq', value }] },
  });
  const preflight = {
    method: 'POST',
    body: {
      format: 'csv',
      layout_id: 'default',
      selected_fields: ['email'],
      selection_mode: 'ids',
      ids: [victim.contactId],
    },
  };
  return [
    attack('search by company', [422], search(filter('company_id', victim.company))),
    attack('search by a nested company', [422], search(filter('company_id.$ne', 'x'))),
    attack('search with a company in the body', [422], search({ company_id: victim.company })),
    attack('preflight of a contact of another company', [200], ['intake', `${exports}/preflight`, preflight]),
    attack('history of a person of another company', [200], ['history', `${history}?user_id=${victim.user}`]),
    attack('history of the organisation', [403], ['history', `${history}?scope=organization`]),
    attack('history with a company', [422], ['history', `${history}?company_id=${victim.company}`]),
    attack(
      'presets with a company',
      [200, 422],
      ['intake', `${exports}/presets?company_id=${victim.company}`],
    ),
    attack(
      'notifications with a company',
      [422],
      ['notify', `${notifications}?company_id=${victim.company}`],
    ),
    attack(
      'layouts with a company',
      [200, 422],
      ['intake', `/iag/v1/contacts/layouts?company_id=${victim.company}`],
    ),
  ];
}
