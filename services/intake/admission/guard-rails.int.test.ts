import { randomUUID } from 'node:crypto';
import { seedCompany } from '@waybill/fixtures';
import { catalogue, isErrorCode } from '@waybill/errors';
import { uniqueName } from '@waybill/testbed';
import { companyId, limits, organizationId, type Permission } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportAll, type Answer, type CallOptions } from '../testing/call.ts';
import { seedSpecialCompanies, type SpecialCompanies } from '../testing/companies.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';
import { largeCriterion } from '../testing/scenarios.ts';

/*
 * Every check of POST …/export in its order: authentication, flag, permission, body, repeated request, region, set size,
 * quota, rate limit. Each is tested in both languages; requests that fail several checks show the order.
 */
let intake: RunningIntake;
let flagOff: RunningIntake;
let companies: SpecialCompanies;

beforeAll(async () => {
  intake = await startTestIntake({ contacts: 25, cap: 20, environment: { RATE_LIMIT_POINTS: '2' } });
  flagOff = await startTestIntake({ contacts: 1, environment: { FLAG_CONTACT_EXPORT: 'off' } });
  companies = await seedSpecialCompanies(intake.crm);
});
afterAll(async () => {
  await intake[Symbol.asyncDispose]();
  await flagOff[Symbol.asyncDispose]();
});

/** Sends a request that is rejected, in both languages. Returns the English answer. */
async function expectRejection(
  code: string,
  body: Readonly<Record<string, unknown>>,
  options: CallOptions = {},
  on: () => RunningIntake = () => intake,
): Promise<Answer> {
  if (!isErrorCode(code)) throw new Error(`The catalogue does not contain ${code}.`);
  const answers: Answer[] = [];
  for (const language of ['id', 'en'] as const) {
    const headers = { ...options.headers, 'accept-language': language };
    const answer = await on().exportWith(body, { ...options, headers });
    expect(answer.body).toMatchObject({
      code,
      status: catalogue[code].status,
      title: catalogue[code].title[language],
    });
    expect(answer.status).toBe(catalogue[code].status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('content-language')).toBe(language);
    // Every parameter of the text is replaced.
    expect(answer.body['detail']).not.toMatch(/[{}]/);
    answers.push(answer);
  }
  const [indonesian, english] = answers;
  if (english === undefined || indonesian === undefined) throw new Error('There is no answer.');
  expect(english.body['detail']).not.toBe(indonesian.body['detail']);
  return english;
}

const pathsOf = ({ body }: Answer) =>
  (body['errors'] as { path: string }[] | undefined)?.map((one) => one.path);
const nobody = { permissions: [] };

describe('caller of the export endpoint', () => {
  it('is rejected with UNAUTHENTICATED without a valid token, before any other check', async () => {
    const answer = await intake.call('POST', '/export', { as: null, raw: '{' });
    expect([answer.status, answer.body['code']]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    const expired = await intake.exportWith({}, { as: { expiresInSeconds: -60 } });
    expect(expired.body['code']).toBe('UNAUTHENTICATED');
  });

  it('is rejected with FLAG_DISABLED while the flag is off, before the permission is checked [S06-NEG]', async () => {
    await expectRejection('FLAG_DISABLED', { selection_mode: 'x' }, { as: nobody }, () => flagOff);
  });

  it('is rejected with FORBIDDEN without the permission, before the body is checked [S06-NEG]', async () => {
    const answer = await expectRejection('FORBIDDEN', { selection_mode: 'x' }, { as: nobody });
    expect(answer.body['detail']).toContain('contacts.export');
  });
});

describe('permission of the caller in the CRM', () => {
  /** Returns a token of a person whose permissions the CRM then changes. */
  async function tokenBefore(permissions: readonly Permission[]) {
    const as = { userId: uniqueName('revoked') };
    const token = await intake.token(as);
    const memberships = intake.crm.collection('memberships');
    const member = { company_id: intake.companyId, user_id: as.userId };
    await memberships.updateOne(member, { $set: { permissions } });
    return { authorization: `Bearer ${token}` };
  }
  const body = { ...exportAll, selection_mode: 'first_10k_sorted' };

  it('ends exports at once when it is taken away, although the token is still valid', async () => {
    const headers = await tokenBefore(['contacts.export.admin']);
    const answer = await intake.call('POST', '/export', { as: null, headers, body });
    expect([answer.status, answer.body['code']]).toEqual([403, 'FORBIDDEN']);
    expect(answer.body['detail']).toContain('contacts.export');
    const retried = await intake.call('POST', `/export/${randomUUID()}/retry`, { as: null, headers });
    expect(retried.body['code']).toBe('FORBIDDEN');
    // Reading does not ask the CRM.
    expect((await intake.call('GET', '/export/options', { as: null, headers })).status).toBe(200);
  });

  it('does not replace that of the token', async () => {
    const as = { userId: uniqueName('narrow') };
    await intake.token(as);
    const narrow = await intake.token({ ...as, permissions: [] });
    const memberships = intake.crm.collection('memberships');
    await memberships.updateOne({ user_id: as.userId }, { $set: { permissions: ['contacts.export'] } });
    const headers = { authorization: `Bearer ${narrow}` };
    expect((await intake.call('POST', '/export', { as: null, headers, body })).status).toBe(403);
  });
});

describe('token without an email', () => {
  const as = { userId: 'unreachable', email: null };

  it('is rejected where an email would be sent, and names the claim', async () => {
    const answer = await intake.exportWith({ selection_mode: 'first_10k_sorted' }, { as });
    expect([answer.status, answer.body['code']]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.body['detail']).toContain('email');
  });

  it('is accepted everywhere else', async () => {
    const body = { ...exportAll, selection_mode: 'first_10k_sorted' };
    expect((await intake.call('POST', '/export/preflight', { as, body })).status).toBe(200);
    expect((await intake.call('POST', '/search', { as, body: {} })).status).toBe(200);
    expect((await intake.call('GET', '/export/presets', { as })).status).toBe(200);
  });
});

describe('body of an export request', () => {
  it('is rejected with MALFORMED_JSON when it is not JSON', async () => {
    for (const raw of ['{', '', 'no']) {
      const answer = await intake.call('POST', '/export', { raw });
      expect([answer.status, answer.body['code']]).toEqual([400, 'MALFORMED_JSON']);
    }
  });

  it('is rejected with BODY_TOO_LARGE above 1 MiB', async () => {
    const answer = await intake.call('POST', '/export', { raw: `"${'x'.repeat(1_048_576)}"` });
    expect([answer.status, answer.body['code']]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('is rejected with VALIDATION_FAILED and the path of each wrong type [S06-NEG]', async () => {
    const answer = await expectRejection('VALIDATION_FAILED', {
      layout_id: 7,
      csv: { bom: 'yes' },
      format: 'pdf',
    });
    expect(pathsOf(answer)?.sort()).toEqual(['csv.bom', 'format', 'layout_id']);
  });

  it('is rejected with EXPORT_FIELD_UNKNOWN when its criterion names a field that is hidden or does not exist', async () => {
    const properties = intake.crm.collection<{ name: string }>('field_properties');
    await properties.updateOne(
      { company_id: intake.companyId, name: 'notes' },
      { $set: { is_hidden: true } },
    );
    // The default layout has the field: a hidden field may be used with a layout that has it.
    const layouts = intake.crm.collection<{ fields: string[] }>('layouts');
    await layouts.updateMany({ company_id: intake.companyId }, { $pull: { fields: 'notes' } });
    for (const field of ['no_such_field', 'notes']) {
      const filtered = { filters: [{ field, op: 'contains', value: 'x' }] };
      const sorted = { sort: { field, direction: 'asc' } };
      for (const criterion of [filtered, sorted]) {
        const body = { selection_mode: 'filtered', criterion, selected_fields: ['email'] };
        const answer = await expectRejection('EXPORT_FIELD_UNKNOWN', body);
        expect(pathsOf(answer)).toEqual([
          criterion === sorted ? 'criterion.sort.field' : 'criterion.filters.0.field',
        ]);
        const preflight = await intake.call('POST', '/export/preflight', { body: { ...exportAll, ...body } });
        expect(preflight.body).toMatchObject({ code: 'EXPORT_FIELD_UNKNOWN' });
        const search = await intake.call('POST', '/search', { body: { criterion } });
        expect(search.body).toMatchObject({ code: 'EXPORT_FIELD_UNKNOWN', detail: answer.body['detail'] });
      }
    }
  });

  it('is rejected with VALIDATION_FAILED when it contains an operator of the database', async () => {
    for (const value of [{ $ne: null }, { $where: 'sleep(1000)' }]) {
      const criterion = { filters: [{ field: 'first_name', op: 'eq', value }] };
      await expectRejection('VALIDATION_FAILED', { selection_mode: 'filtered', criterion });
    }
    await expectRejection('VALIDATION_FAILED', {
      selection_mode: 'filtered',
      criterion: { $where: '1', filters: [] },
    });
  });

  it.each([
    ['EXPORT_SELECTION_MODE_INVALID', { selection_mode: 'some' }, ['selection_mode']],
    ['EXPORT_FIELD_UNKNOWN', { selected_fields: ['email', 'gone'] }, ['selected_fields.1']],
    ['EXPORT_LAYOUT_UNKNOWN', { layout_id: 'gone' }, ['layout_id']],
    ['EXPORT_TIMEZONE_INVALID', { timezone: '(GMT+07:00) Asia/Jakarta' }, ['timezone']],
    ['EXPORT_SOURCE_INVALID', { source: ['fax'] }, ['source.0']],
    ['EXPORT_PERIOD_INVALID', { period: 'someday' }, ['period']],
    [
      'EXPORT_SORT_NOT_ALLOWED',
      { selection_mode: 'first_10k_sorted', criterion: { sort: { field: 'email', direction: 'asc' } } },
      ['criterion.sort'],
    ],
    ['EXPORT_PERIOD_INVALID', { start_date: '2026-11-02', end_date: '2026-11-01' }, ['end_date']],
  ] as const)('is rejected with %s: %j', async (code, body, paths) => {
    expect(pathsOf(await expectRejection(code, body))).toEqual(paths);
  });

  it('is rejected with VALIDATION_FAILED when the Idempotency-Key is too long', async () => {
    const answer = await intake.exportWith({}, { headers: { 'idempotency-key': 'x'.repeat(256) } });
    expect([answer.body['code'], pathsOf(answer)]).toEqual(['VALIDATION_FAILED', ['Idempotency-Key']]);
  });
});

describe('company of an export request', () => {
  it('is rejected with REGION_UNAVAILABLE when its region has no bucket, before its contacts are counted [R9]', async () => {
    const answer = await expectRejection('REGION_UNAVAILABLE', {}, { as: { companyId: companies.abroad } });
    // An operator must add the region: waiting would not help.
    expect(answer.headers.get('retry-after')).toBeNull();
  });

  it('is rejected with EXPORT_LAYOUT_UNKNOWN when the CRM does not know it', async () => {
    await expectRejection('EXPORT_LAYOUT_UNKNOWN', {}, { as: { companyId: uniqueName('nobody') } });
  });

  it('is rejected with EXPORT_SELECTION_EMPTY when no contact is selected', async () => {
    await expectRejection('EXPORT_SELECTION_EMPTY', {}, { as: { companyId: companies.empty } });
    await expectRejection('EXPORT_SELECTION_EMPTY', { selection_mode: 'ids', ids: [] });
  });

  it('is rejected with EXPORT_LIMIT_EXCEEDED, total and cap when it selects more than its cap [S06-NEG]', async () => {
    const answer = await expectRejection('EXPORT_LIMIT_EXCEEDED', {});
    expect(answer.body).toMatchObject({ total: 25, cap: 20 });
    const ids = Array.from({ length: 10_001 }, (_, index) => `id-${index}`);
    const many = await expectRejection('EXPORT_LIMIT_EXCEEDED', { selection_mode: 'ids', ids });
    expect(many.body).toMatchObject({ total: 10_001, cap: 10_000 });
  });

  it('is rejected with EXPORT_REQUEST_TOO_LARGE when its event does not fit into a message, and takes no point', async () => {
    const criterion = await largeCriterion({ intake });
    const as = { userId: 'verbose' };
    const large = { selection_mode: 'filtered', criterion };
    // Twice in each of two languages: more than the company has points.
    for (let times = 0; times < 2; times += 1) {
      await expectRejection('EXPORT_REQUEST_TOO_LARGE', large, { as });
    }
    expect(await intake.db.collection('jobs').countDocuments({ user_id: as.userId })).toBe(0);
  });

  it('is rejected with EXPORT_STORAGE_QUOTA_EXCEEDED when its storage is full, before a point is taken [R10]', async () => {
    const answer = await expectRejection(
      'EXPORT_STORAGE_QUOTA_EXCEEDED',
      {},
      { as: { companyId: companies.full } },
    );
    expect(answer.body).toMatchObject({ used_bytes: 0, quota_bytes: 100 });
    expect(answer.headers.get('ratelimit-remaining')).toBeNull();
  });

  it('is rejected with EXPORT_RATE_LIMITED and Retry-After when its points are used up [R5]', async () => {
    const start = (user: string) =>
      intake.exportWith({}, { as: { companyId: companies.noisy, userId: user } });
    const first = await start('n1');
    expect(first.headers.get('ratelimit-policy')).toBe('2;w=3600');
    expect([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
      '2',
      '1',
    ]);
    expect((await start('n2')).headers.get('ratelimit-remaining')).toBe('0');
    const answer = await expectRejection(
      'EXPORT_RATE_LIMITED',
      {},
      { as: { companyId: companies.noisy, userId: 'n3' } },
    );
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(3_500);
    expect(answer.headers.get('ratelimit-reset')).toBe(String(wait));
    expect(answer.headers.get('ratelimit-remaining')).toBe('0');
    // A repeated request still returns its job and is not counted.
    expect((await start('n1')).body['job_id']).toBe(first.body['job_id']);
  });

  it('is not charged a point for a rejected request', async () => {
    const quiet = companyId(uniqueName('quiet'));
    await seedCompany(intake.crm, { companyId: quiet, organizationId: organizationId('org'), contacts: 5 });
    const as = { companyId: quiet };
    await intake.exportWith({ timezone: 'x' }, { as });
    await intake.exportWith({ selection_mode: 'ids', ids: [] }, { as });
    expect((await intake.exportWith({}, { as })).headers.get('ratelimit-remaining')).toBe('1');
  });
});

describe('repeated request', () => {
  it('returns its job before the set size is checked', async () => {
    const growing = companyId(uniqueName('growing'));
    const seed = (contacts: number) =>
      seedCompany(intake.crm, {
        companyId: growing,
        organizationId: organizationId('org'),
        contacts,
        cap: 5,
      });
    await seed(5);
    const as = { companyId: growing };
    const first = await intake.exportWith({}, { as });
    await seed(6);
    expect((await intake.exportWith({}, { as })).body['job_id']).toBe(first.body['job_id']);
    expect((await intake.exportWith({ format: 'csv' }, { as })).body['code']).toBe('EXPORT_LIMIT_EXCEEDED');
  });

  it('is rejected with IDEMPOTENCY_KEY_REUSED when its key came with another body', async () => {
    const headers = { 'idempotency-key': 'used' };
    const as = { companyId: companies.noisy, userId: 'n1' };
    await intake.exportWith({}, { as, headers });
    await expectRejection('IDEMPOTENCY_KEY_REUSED', { format: 'csv' }, { as, headers });
  });

  it('is rejected with IDEMPOTENCY_KEYS_EXHAUSTED under a key that its job cannot keep, and returns its job under the others', async () => {
    const as = { companyId: companies.noisy, userId: 'n1' };
    const start = (key: string) => intake.exportWith({}, { as, headers: { 'idempotency-key': key } });
    const first = (await intake.exportWith({}, { as })).body['job_id'];
    const jobs = intake.db.collection<{ _id: string; unique_keys?: readonly string[] }>('jobs');
    const keys = async () => (await jobs.findOne({ _id: String(first) }))?.unique_keys?.length ?? 0;
    for (let key = await keys(); key < limits.idempotencyKeys; key += 1) {
      expect((await start(`key-${key}`)).body['job_id']).toBe(first);
    }
    const headers = { 'idempotency-key': 'one-too-many' };
    const answer = await expectRejection('IDEMPOTENCY_KEYS_EXHAUSTED', {}, { as, headers });
    expect(answer.body).toMatchObject({ limit: limits.idempotencyKeys });
    expect(await keys()).toBe(limits.idempotencyKeys);
    expect((await start(`key-${limits.idempotencyKeys - 1}`)).body['job_id']).toBe(first);
    expect((await intake.exportWith({}, { as })).body['job_id']).toBe(first);
  });
});
