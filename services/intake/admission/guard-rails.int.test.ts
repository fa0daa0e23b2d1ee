import { seedCompany } from '@waybill/fixtures';
import { catalogue, isErrorCode } from '@waybill/errors';
import { uniqueName } from '@waybill/testbed';
import { companyId, organizationId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, CallOptions } from '../testing/call.ts';
import { seedSpecialCompanies, type SpecialCompanies } from '../testing/companies.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

/*
 * Every guard rail of POST …/export, in the order in which they stand: authentication, flag, permission, body, repeated
 * request, region, set size, quota, rate limit. Each is provoked in both languages; that one goes before the next is
 * shown by requests that fail at several.
 */
let intake: RunningIntake;
let dark: RunningIntake;
let companies: SpecialCompanies;

beforeAll(async () => {
  intake = await startTestIntake({ contacts: 25, cap: 20, environment: { RATE_LIMIT_POINTS: '2' } });
  dark = await startTestIntake({ contacts: 1, environment: { FLAG_CONTACT_EXPORT: 'off' } });
  companies = await seedSpecialCompanies(intake.crm);
});
afterAll(async () => {
  await intake[Symbol.asyncDispose]();
  await dark[Symbol.asyncDispose]();
});

/** A request that is refused in both languages; returns the English answer. */
async function refused(
  code: string,
  body: Readonly<Record<string, unknown>>,
  options: CallOptions = {},
  on: () => RunningIntake = () => intake,
): Promise<Answer> {
  if (!isErrorCode(code)) throw new Error(`${code} is not in the catalogue`);
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
    // Every parameter of the text has its value.
    expect(answer.body['detail']).not.toMatch(/[{}]/);
    answers.push(answer);
  }
  const [indonesian, english] = answers;
  if (english === undefined || indonesian === undefined) throw new Error('no answer');
  expect(english.body['detail']).not.toBe(indonesian.body['detail']);
  return english;
}

const pathsOf = ({ body }: Answer) =>
  (body['errors'] as { path: string }[] | undefined)?.map((one) => one.path);
const nobody = { permissions: [] };

describe('who asks', () => {
  it('needs a token: UNAUTHENTICATED, before all else', async () => {
    const answer = await intake.call('POST', '/export', { as: null, raw: '{' });
    expect([answer.status, answer.body['code']]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    const expired = await intake.exportWith({}, { as: { expiresInSeconds: -60 } });
    expect(expired.body['code']).toBe('UNAUTHENTICATED');
  });

  it('needs the flag: FLAG_DISABLED, before the permission', async () => {
    await refused('FLAG_DISABLED', { selection_mode: 'x' }, { as: nobody }, () => dark);
  });

  it('needs the permission: FORBIDDEN, before the body is looked at', async () => {
    const answer = await refused('FORBIDDEN', { selection_mode: 'x' }, { as: nobody });
    expect(answer.body['detail']).toContain('contacts.export');
  });
});

describe('the body', () => {
  it('that is no JSON is MALFORMED_JSON', async () => {
    for (const raw of ['{', '', 'no']) {
      const answer = await intake.call('POST', '/export', { raw });
      expect([answer.status, answer.body['code']]).toEqual([400, 'MALFORMED_JSON']);
    }
  });

  it('over 1 MiB is BODY_TOO_LARGE', async () => {
    const answer = await intake.call('POST', '/export', { raw: `"${'x'.repeat(1_048_576)}"` });
    expect([answer.status, answer.body['code']]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('with wrong types is VALIDATION_FAILED with the path of each fault', async () => {
    const answer = await refused('VALIDATION_FAILED', { layout_id: 7, csv: { bom: 'yes' }, format: 'pdf' });
    expect(pathsOf(answer)?.sort()).toEqual(['csv.bom', 'format', 'layout_id']);
  });

  it('with a criterion that does not fit the company’s fields is VALIDATION_FAILED with its path', async () => {
    const criterion = { filters: [{ field: 'no_such_field', op: 'eq', value: 'x' }] };
    const answer = await refused('VALIDATION_FAILED', { selection_mode: 'filtered', criterion });
    expect(pathsOf(answer)?.[0]).toMatch(/^criterion\.filters\.0/);
  });

  it('that tries to bring an operator of the database along is VALIDATION_FAILED', async () => {
    for (const value of [{ $ne: null }, { $where: 'sleep(1000)' }]) {
      const criterion = { filters: [{ field: 'first_name', op: 'eq', value }] };
      await refused('VALIDATION_FAILED', { selection_mode: 'filtered', criterion });
    }
    await refused('VALIDATION_FAILED', {
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
    ['EXPORT_PERIOD_INVALID', { start_date: '2026-11-02', end_date: '2026-11-01' }, ['end_date']],
  ] as const)('is %s: %j', async (code, body, paths) => {
    expect(pathsOf(await refused(code, body))).toEqual(paths);
  });

  it('with a key that no header can hold is VALIDATION_FAILED', async () => {
    const answer = await intake.exportWith({}, { headers: { 'idempotency-key': 'x'.repeat(256) } });
    expect([answer.body['code'], pathsOf(answer)]).toEqual(['VALIDATION_FAILED', ['Idempotency-Key']]);
  });
});

describe('the company', () => {
  it('whose region has no bucket gets REGION_UNAVAILABLE, before its contacts are counted', async () => {
    const answer = await refused('REGION_UNAVAILABLE', {}, { as: { companyId: companies.abroad } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });

  it('that the CRM does not know gets EXPORT_LAYOUT_UNKNOWN: it has none', async () => {
    await refused('EXPORT_LAYOUT_UNKNOWN', {}, { as: { companyId: uniqueName('nobody') } });
  });

  it('that selects nothing gets EXPORT_SELECTION_EMPTY', async () => {
    await refused('EXPORT_SELECTION_EMPTY', {}, { as: { companyId: companies.empty } });
    await refused('EXPORT_SELECTION_EMPTY', { selection_mode: 'ids', ids: [] });
  });

  it('that selects more than its cap gets EXPORT_LIMIT_EXCEEDED with the total and the cap', async () => {
    const answer = await refused('EXPORT_LIMIT_EXCEEDED', {});
    expect(answer.body).toMatchObject({ total: 25, cap: 20 });
    const ids = Array.from({ length: 10_001 }, (_, index) => `id-${index}`);
    const many = await refused('EXPORT_LIMIT_EXCEEDED', { selection_mode: 'ids', ids });
    expect(many.body).toMatchObject({ total: 10_001, cap: 10_000 });
  });

  it('whose storage is full gets EXPORT_STORAGE_QUOTA_EXCEEDED, before the rate limit is touched', async () => {
    const answer = await refused('EXPORT_STORAGE_QUOTA_EXCEEDED', {}, { as: { companyId: companies.full } });
    expect(answer.body).toMatchObject({ used_bytes: 0, quota_bytes: 100 });
    expect(answer.headers.get('ratelimit-remaining')).toBeNull();
  });

  it('that has started enough gets EXPORT_RATE_LIMITED with what a client needs to wait', async () => {
    const start = (user: string) =>
      intake.exportWith({}, { as: { companyId: companies.noisy, userId: user } });
    const first = await start('n1');
    expect(first.headers.get('ratelimit-policy')).toBe('2;w=3600');
    expect([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
      '2',
      '1',
    ]);
    expect((await start('n2')).headers.get('ratelimit-remaining')).toBe('0');
    const answer = await refused(
      'EXPORT_RATE_LIMITED',
      {},
      { as: { companyId: companies.noisy, userId: 'n3' } },
    );
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(3_500);
    expect(answer.headers.get('ratelimit-reset')).toBe(String(wait));
    expect(answer.headers.get('ratelimit-remaining')).toBe('0');
    // A repeated request returns its job also then, and is not counted.
    expect((await start('n1')).body['job_id']).toBe(first.body['job_id']);
  });

  it('does not count what it was refused', async () => {
    const quiet = companyId(uniqueName('quiet'));
    await seedCompany(intake.crm, { companyId: quiet, organizationId: organizationId('org'), contacts: 5 });
    const as = { companyId: quiet };
    await intake.exportWith({ timezone: 'x' }, { as });
    await intake.exportWith({ selection_mode: 'ids', ids: [] }, { as });
    expect((await intake.exportWith({}, { as })).headers.get('ratelimit-remaining')).toBe('1');
  });
});

describe('a repeated request', () => {
  it('goes before the set size: it returns its job when the company has outgrown its cap', async () => {
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

  it('with a used key and another body is IDEMPOTENCY_KEY_REUSED', async () => {
    const headers = { 'idempotency-key': 'used' };
    const as = { companyId: companies.noisy, userId: 'n1' };
    await intake.exportWith({}, { as, headers });
    await refused('IDEMPOTENCY_KEY_REUSED', { format: 'csv' }, { as, headers });
  });
});
