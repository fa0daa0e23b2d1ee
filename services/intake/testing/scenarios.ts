import { limits } from '@waybill/domain';
import { waitFor } from '@waybill/testbed';
import { expect } from 'vitest';
import { basePath, type Operation } from '../http/operations.ts';
import { exportAll, type Answer, type CallOptions } from './call.ts';
import type { SpecialCompanies } from './companies.ts';
import { endJob } from './end-job.ts';
import type { RunningIntake } from './running-intake.ts';

export interface ScenarioWorld {
  readonly intake: RunningIntake;
  /** A service whose flag is off. */
  readonly flagOff: RunningIntake;
  /** A service whose searches may take 1 ms. */
  readonly hurried: RunningIntake;
  readonly companies: SpecialCompanies;
  /** Event streams that a person may have open. */
  readonly streams: number;
}

export interface Played {
  /** Method and path, for the message of a failure. */
  readonly request: string;
  readonly answer: Answer;
  readonly sentBody: unknown;
}

export type Scenario = (world: ScenarioWorld, operation: Operation) => Promise<Played>;

let people = 0;
/** Returns a new person, so that no scenario uses the job of another. */
const somebody = () => ({ userId: `s${(people += 1)}` });

const configuration = { format: 'csv', layout_id: 'default', selected_fields: ['email'], timezone: 'UTC' };
const preset = () => ({ name: `Preset ${(people += 1)}`, configuration });

/** Returns a valid body of an operation. */
function validBody({ id }: Operation): unknown {
  switch (id) {
    case 'createPreset':
      return preset();
    case 'searchContacts':
      return {};
    case 'changePreset':
      return { name: `Renamed ${(people += 1)}` };
    default:
      return { ...exportAll, selection_mode: 'first_10k_sorted', timezone: 'UTC' };
  }
}

interface Play extends CallOptions {
  readonly on?: RunningIntake;
  /** Replaces the parameter of the path. */
  readonly id?: string;
  readonly query?: string;
}

/** Calls the operation with a valid body, unless another is given. */
async function play(world: ScenarioWorld, operation: Operation, options: Play = {}): Promise<Played> {
  const { on = world.intake, id = 'none', query = '', ...call } = options;
  const path = `${operation.path.replace(/\{\w+\}/, id)}${query}`;
  const body =
    operation.body === undefined || call.raw !== undefined ? undefined : (call.body ?? validBody(operation));
  const answer = await on.call(operation.method.toUpperCase(), path, { ...call, body });
  return { request: `${operation.method} ${basePath}${path}`, answer, sentBody: body };
}

/** Returns a scenario that differs from a valid call by its options. */
const calling = (options: (world: ScenarioWorld) => Play | Promise<Play>): Scenario => {
  return async (world, operation) => play(world, operation, await options(world));
};
const withBody = (part: Readonly<Record<string, unknown>>): Scenario =>
  calling(() => ({ body: { ...exportAll, ...part }, as: somebody() }));
/** Returns the same for a preset, whose configuration is one level below. */
const withConfiguration = (part: Readonly<Record<string, unknown>>): Scenario => {
  return async (world, operation) => {
    const made = await presetOf(world, somebody());
    return play(world, operation, {
      id: made.id,
      as: made.as,
      body: { ...preset(), configuration: { ...configuration, ...part } },
    });
  };
};

type Who = NonNullable<CallOptions['as']>;

async function jobOf(world: ScenarioWorld, as: Who): Promise<{ id: string; as: Who }> {
  const { body } = await world.intake.exportWith({ selection_mode: 'first_10k_sorted' }, { as });
  return { id: String(body['job_id']), as };
}

async function endedJob(world: ScenarioWorld, outcome: 'SUCCEEDED' | 'FAILED', as: Who = somebody()) {
  const job = await jobOf(world, as);
  await endJob(world.intake, job.id, outcome, as.companyId);
  return job;
}

async function presetOf(world: ScenarioWorld, as: Who): Promise<{ id: string; as: Who; name: string }> {
  const { body } = await world.intake.call('POST', '/export/presets', { as, body: preset() });
  // Another scenario validates this answer by its schema.
  const { id, name } = body as { id: string; name: string };
  return { id, name, as };
}

/** Returns a scenario that searches for contacts. */
const searching = (body: Readonly<Record<string, unknown>>): Scenario =>
  calling(() => ({ body, as: somebody() }));

/** Repeats a read of a new person until it is rejected. */
async function untilLimited(world: ScenarioWorld, operation: Operation, body: object): Promise<Played> {
  const as = somebody();
  for (;;) {
    const played = await play(world, operation, { as, body });
    if (played.answer.status === 429) return played;
  }
}

/** Stores contacts, and returns a search whose conditions all hold, so that each costs its time for every contact. */
async function slowSearch({ crm, companyId }: RunningIntake): Promise<object> {
  const notes = 'all of them are different '.repeat(40);
  const contact = (index: number) => ({ _id: `slow-${index}`, company_id: companyId, notes });
  const contacts = crm.collection<{ readonly _id: string }>('contacts');
  for (let part = 0; part < 4; part += 1) {
    await contacts.insertMany(Array.from({ length: 1_000 }, (_, index) => contact(part * 1_000 + index)));
  }
  const filter = { field: 'notes', op: 'contains', value: 'DIFFERENT ' };
  return { criterion: { filters: Array.from({ length: 50 }, () => filter) } };
}
const lastOf = ({ intake }: ScenarioWorld, as: Who) => intake.call('GET', '/export/presets/last', { as });

const unauthenticated = calling(() => ({ as: null }));
const forbidden = calling(() => ({ as: { permissions: [] } }));
const notJson = calling(() => ({ raw: '{', as: somebody() }));
const tooLarge = calling(() => ({ raw: `"${'x'.repeat(1_048_576)}"`, as: somebody() }));
const notTyped = calling(() => ({ raw: 'a=b', headers: { 'content-type': 'text/plain' }, as: somebody() }));
const flagOff = calling((world) => ({ on: world.flagOff }));
const unknownJob = calling(() => ({ id: '0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a99' }));

const everywhere: Readonly<Record<string, Scenario>> = Object.fromEntries(
  [
    'startExport preflightExport listExports readStatus followStatus cancelExport retryExport readOptions listPresets',
    'readLastConfiguration readPreset createPreset changePreset deletePreset listFieldProperties listLayouts',
    'readDefaultLayout searchContacts eraseExports',
  ]
    .join(' ')
    .split(' ')
    .flatMap((id) => [
      [`${id} UNAUTHENTICATED`, unauthenticated],
      [`${id} FORBIDDEN`, forbidden],
    ]),
);

/** Returns the scenarios that an export and its preflight share. */
const exportBodies = (id: string): Readonly<Record<string, Scenario>> => ({
  [`${id} 200`]: calling(() => ({ as: somebody() })),
  [`${id} FLAG_DISABLED`]: flagOff,
  [`${id} MALFORMED_JSON`]: notJson,
  [`${id} BODY_TOO_LARGE`]: tooLarge,
  [`${id} UNSUPPORTED_MEDIA_TYPE`]: notTyped,
  [`${id} VALIDATION_FAILED`]: withBody({ layout_id: 7 }),
  [`${id} EXPORT_SELECTION_MODE_INVALID`]: withBody({ selection_mode: 'some' }),
  [`${id} EXPORT_FIELD_UNKNOWN`]: withBody({ selected_fields: ['gone'] }),
  [`${id} EXPORT_LAYOUT_UNKNOWN`]: withBody({ layout_id: 'gone' }),
  [`${id} EXPORT_TIMEZONE_INVALID`]: withBody({ timezone: 'Jakarta' }),
  [`${id} EXPORT_SOURCE_INVALID`]: withBody({ source: ['fax'] }),
  [`${id} EXPORT_PERIOD_INVALID`]: withBody({ period: 'someday' }),
  [`${id} EXPORT_SORT_NOT_ALLOWED`]: withBody({
    selection_mode: 'first_10k_sorted',
    criterion: { sort: { field: 'email', direction: 'asc' } },
  }),
  [`${id} REGION_UNAVAILABLE`]: calling(({ companies }) => ({ as: { companyId: companies.abroad } })),
});

const presetBodies = (id: string): Readonly<Record<string, Scenario>> => ({
  [`${id} MALFORMED_JSON`]: withPreset({ raw: '{' }),
  [`${id} BODY_TOO_LARGE`]: withPreset({ raw: `"${'x'.repeat(1_048_576)}"` }),
  [`${id} UNSUPPORTED_MEDIA_TYPE`]: withPreset({ raw: 'a=b', headers: { 'content-type': 'text/plain' } }),
  [`${id} VALIDATION_FAILED`]: withPreset({ body: { name: '' } }),
  [`${id} EXPORT_TIMEZONE_INVALID`]: withConfiguration({ timezone: 'Jakarta' }),
  [`${id} EXPORT_SOURCE_INVALID`]: withConfiguration({ source: ['fax'] }),
  [`${id} EXPORT_PERIOD_INVALID`]: withConfiguration({ period: 'today', end_date: '2026-11-01' }),
});

/** Returns a scenario with a preset of the caller. */
function withPreset(options: CallOptions): Scenario {
  return async (world, operation) => {
    const { id, as } = await presetOf(world, somebody());
    return play(world, operation, { id, as, ...options });
  };
}

/** Returns a scenario in which an administrator erases a person without data. */
const erasing = (options: CallOptions = {}): Scenario =>
  calling(({ intake }) => ({
    as: { permissions: ['contacts.export.erase'] },
    ...(options.raw === undefined ? { body: { company_id: intake.companyId, user_id: 'nobody' } } : {}),
    ...options,
  }));

export const scenarios: Readonly<Record<string, Scenario>> = {
  ...everywhere,
  ...exportBodies('startExport'),
  ...exportBodies('preflightExport'),
  ...presetBodies('createPreset'),
  ...presetBodies('changePreset'),
  'startExport IDEMPOTENCY_KEY_REUSED': async (world, operation) => {
    const options = { as: somebody(), headers: { 'idempotency-key': 'k' } };
    await world.intake.exportWith({ selection_mode: 'first_10k_sorted' }, options);
    return play(world, operation, { ...options, body: { ...exportAll, format: 'csv' } });
  },
  'startExport IDEMPOTENCY_KEYS_EXHAUSTED': async (world, operation) => {
    const as = somebody();
    const start = (key: number) =>
      play(world, operation, { as, headers: { 'idempotency-key': `key-${key}` } });
    for (let key = 1; key <= limits.idempotencyKeys; key += 1) await start(key);
    return start(limits.idempotencyKeys + 1);
  },
  'startExport EXPORT_SELECTION_EMPTY': withBody({ selection_mode: 'ids', ids: [] }),
  'startExport EXPORT_LIMIT_EXCEEDED': withBody({}),
  'startExport EXPORT_STORAGE_QUOTA_EXCEEDED': calling(({ companies }) => ({
    as: { companyId: companies.full },
  })),
  'startExport EXPORT_REQUEST_TOO_LARGE': async (world, operation) => {
    const criterion = await largeCriterion(world);
    return play(world, operation, {
      body: { ...exportAll, selection_mode: 'filtered', criterion },
      as: somebody(),
    });
  },
  'startExport EXPORT_RATE_LIMITED': async (world, operation) => {
    const { noisy } = world.companies;
    await useUp(world, noisy);
    return play(world, operation, { as: { companyId: noisy, ...somebody() } });
  },
  'listExports 200': async (world, operation) => {
    const job = await jobOf(world, somebody());
    return play(world, operation, { ...job, query: '?state=active' });
  },
  'listExports VALIDATION_FAILED': calling(() => ({ query: '?state=ended' })),
  'readStatus 200': calling(async (world) => endedJob(world, 'SUCCEEDED')),
  'readStatus EXPORT_NOT_FOUND': unknownJob,
  'followStatus 200': calling(async (world) => endedJob(world, 'FAILED')),
  'followStatus 204': async (world, operation) => {
    const job = await endedJob(world, 'SUCCEEDED');
    return play(world, operation, { ...job, headers: { 'last-event-id': '999' } });
  },
  'followStatus EXPORT_NOT_FOUND': unknownJob,
  'followStatus TOO_MANY_STREAMS': async (world, operation) => {
    const { id, as } = await jobOf(world, somebody());
    const closing = new AbortController();
    const headers = { authorization: `Bearer ${await world.intake.token(as)}` };
    const url = `${world.intake.url}${basePath}/export/events/${id}`;
    for (let stream = 1; stream <= world.streams; stream += 1) {
      expect((await fetch(url, { headers, signal: closing.signal })).status).toBe(200);
    }
    try {
      return await play(world, operation, { id, as });
    } finally {
      closing.abort();
    }
  },
  'cancelExport 202': calling((world) => jobOf(world, somebody())),
  'cancelExport EXPORT_NOT_FOUND': unknownJob,
  'cancelExport EXPORT_NOT_CANCELLABLE': calling((world) => endedJob(world, 'FAILED')),
  'retryExport 202': calling((world) => endedJob(world, 'FAILED')),
  'retryExport FLAG_DISABLED': flagOff,
  'retryExport EXPORT_NOT_FOUND': unknownJob,
  'retryExport EXPORT_NOT_RETRYABLE': calling((world) => jobOf(world, somebody())),
  'retryExport REGION_UNAVAILABLE': afterFailure({ region: 'mars' }),
  'retryExport EXPORT_STORAGE_QUOTA_EXCEEDED': afterFailure({ quota_bytes: 1 }),
  'retryExport EXPORT_RATE_LIMITED': async (world, operation) => {
    const { restless } = world.companies;
    const job = await endedJob(world, 'FAILED', { ...somebody(), companyId: restless });
    await useUp(world, restless);
    return play(world, operation, job);
  },
  'eraseExports 200': erasing(),
  'eraseExports MALFORMED_JSON': erasing({ raw: '{' }),
  'eraseExports BODY_TOO_LARGE': erasing({ raw: `"${'x'.repeat(4_096)}"` }),
  'eraseExports UNSUPPORTED_MEDIA_TYPE': erasing({ raw: 'a', headers: { 'content-type': 'text/plain' } }),
  'eraseExports VALIDATION_FAILED': erasing({ body: { company_id: 'another' } }),
  'readOptions 200': calling(() => ({})),
  'listPresets 200': withPreset({}),
  'listPresets VALIDATION_FAILED': calling(() => ({ query: '?per_page=0' })),
  'readLastConfiguration 200': async (world, operation) => {
    const { as } = await jobOf(world, somebody());
    await waitFor(async () => (await lastOf(world, as)).status === 200, {
      limitMs: 10_000,
      what: 'the configuration to be saved',
    });
    return play(world, operation, { as });
  },
  'readLastConfiguration 204': calling(() => ({ as: somebody() })),
  'readPreset 200': withPreset({}),
  'readPreset PRESET_NOT_FOUND': calling(() => ({ id: 'gone' })),
  'createPreset 201': calling(() => ({ as: somebody() })),
  'createPreset PRESET_NAME_TAKEN': async (world, operation) => {
    const { as, name } = await presetOf(world, somebody());
    return play(world, operation, { as, body: { name, configuration } });
  },
  'changePreset 200': withPreset({}),
  'changePreset PRESET_NOT_FOUND': calling(() => ({ id: 'gone' })),
  'changePreset PRESET_CHANGED': withPreset({ headers: { 'if-match': '"gone"' } }),
  'changePreset PRESET_NAME_TAKEN': async (world, operation) => {
    const first = await presetOf(world, somebody());
    const second = await presetOf(world, first.as);
    return play(world, operation, { ...second, body: { name: first.name.toUpperCase() } });
  },
  'deletePreset 204': withPreset({}),
  'deletePreset PRESET_CHANGED': withPreset({ headers: { 'if-match': '"gone"' } }),
  'deletePreset PRESET_NOT_FOUND': calling(() => ({ id: 'gone' })),
  'listFieldProperties 200': calling(() => ({ query: '?layout_id=default' })),
  'listFieldProperties VALIDATION_FAILED': calling(() => ({ query: '?page=0' })),
  'listFieldProperties EXPORT_LAYOUT_UNKNOWN': calling(() => ({ query: '?layout_id=gone' })),
  'listLayouts 200': calling(() => ({})),
  'listLayouts VALIDATION_FAILED': calling(() => ({ query: '?per_page=x' })),
  'readDefaultLayout 200': calling(() => ({})),
  'readDefaultLayout EXPORT_LAYOUT_UNKNOWN': calling(() => ({ as: { companyId: 'nobody' } })),
  'searchContacts 200': searching({ limit: 2 }),
  'searchContacts MALFORMED_JSON': notJson,
  'searchContacts BODY_TOO_LARGE': tooLarge,
  'searchContacts UNSUPPORTED_MEDIA_TYPE': notTyped,
  'searchContacts VALIDATION_FAILED': searching({ criterion: 'no' }),
  'searchContacts EXPORT_LAYOUT_UNKNOWN': searching({ layout_id: 'gone' }),
  'searchContacts EXPORT_FIELD_UNKNOWN': searching({ fields: ['gone'] }),
  'searchContacts EXPORT_TIMEZONE_INVALID': searching({ timezone: 'Jakarta' }),
  'searchContacts EXPORT_SOURCE_INVALID': searching({ source: ['fax'] }),
  'searchContacts EXPORT_PERIOD_INVALID': searching({ period: 'someday' }),
  'searchContacts SEARCH_TOO_SLOW': async (world, operation) => {
    const on = world.hurried;
    return play(world, operation, { on, body: await slowSearch(on), as: somebody() });
  },
  'searchContacts READ_RATE_LIMITED': (world, operation) => untilLimited(world, operation, { limit: 1 }),
  'preflightExport READ_RATE_LIMITED': (world, operation) => untilLimited(world, operation, exportAll),
};

/** Returns a filter that matches one contact. The request fits into a body, and its event does not fit into a message. */
export async function largeCriterion({ intake }: Pick<ScenarioWorld, 'intake'>) {
  const contact = await intake.crm
    .collection<{ readonly email: string }>('contacts')
    .findOne({ company_id: intake.companyId, email: { $type: 'string' } });
  const others = Array.from({ length: 1_044 }, (_, index) => String(index).padStart(1_000, 'x'));
  const filter = (values: readonly string[]) => ({
    field: 'email',
    op: 'in',
    value: [contact?.email, ...values],
  });
  return { filters: [filter(others.slice(0, 900)), filter(others.slice(900))] };
}

/** Uses up a company's points. */
async function useUp(world: ScenarioWorld, companyId: string): Promise<void> {
  for (;;) {
    const { status } = await world.intake.exportWith({}, { as: { companyId, ...somebody() } });
    if (status === 429) return;
  }
}

/** Returns a scenario that retries a job after a change to the company. */
function afterFailure(change: Readonly<Record<string, unknown>>): Scenario {
  return async (world, operation) => {
    const job = await endedJob(world, 'FAILED');
    const tenants = world.intake.crm.collection<{ _id: string }>('tenants');
    const before = await tenants.findOne({ _id: world.intake.companyId });
    await tenants.updateOne({ _id: world.intake.companyId }, { $set: change });
    try {
      return await play(world, operation, job);
    } finally {
      if (before !== null) await tenants.replaceOne({ _id: before._id }, before);
    }
  };
}
