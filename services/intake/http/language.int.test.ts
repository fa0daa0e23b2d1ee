import { catalogue, isErrorCode } from '@waybill/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedSpecialCompanies } from '../testing/companies.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';
import { scenarios, type ScenarioWorld } from '../testing/scenarios.ts';
import { operations } from './operations.ts';

let intake: RunningIntake;
let flagOff: RunningIntake;
let hurried: RunningIntake;
let world: ScenarioWorld;

beforeAll(async () => {
  intake = await startTestIntake({
    environment: { RATE_LIMIT_POINTS: '60', READ_RATE_LIMIT_POINTS: '10', STREAMS_PER_PERSON: '2' },
    contacts: 30,
    cap: 25,
  });
  flagOff = await startTestIntake({ contacts: 1, environment: { FLAG_CONTACT_EXPORT: 'off' } });
  hurried = await startTestIntake({ contacts: 1, environment: { SEARCH_LIMIT_MS: '1' } });
  const companies = await seedSpecialCompanies(intake.crm);
  world = {
    intake: inIndonesian(intake),
    flagOff: inIndonesian(flagOff),
    hurried: inIndonesian(hurried),
    companies,
    streams: 2,
  };
});
afterAll(async () => {
  await intake[Symbol.asyncDispose]();
  await flagOff[Symbol.asyncDispose]();
  await hurried[Symbol.asyncDispose]();
});

/** Returns the same service for a client that prefers Indonesian. */
function inIndonesian(service: RunningIntake): RunningIntake {
  const headers = { 'accept-language': 'id' };
  return {
    ...service,
    call: (method, path, options = {}) =>
      service.call(method, path, { ...options, headers: { ...headers, ...options.headers } }),
  };
}

/** Words of English sentences that are not words of Indonesian ones. */
const english = /\b(?:the|is|are|was|has|have|must|may|not|with|your?|of|at least|required)\b/i;

describe.each(operations)('the problems of $method $path', (operation) => {
  const codes = Object.keys(scenarios)
    .filter((name) => name.startsWith(`${operation.id} `))
    .map((name) => name.slice(operation.id.length + 1))
    .filter(isErrorCode);

  it.each(codes)('have every text in Indonesian for %s [S06-NEG]', async (code) => {
    const { answer } = (await scenarios[`${operation.id} ${code}`]?.(world, operation)) ?? {};
    expect(answer?.body).toMatchObject({ code, title: catalogue[code].title.id });
    const faults = (answer?.body['errors'] ?? []) as readonly { readonly message: string }[];
    expect(
      [answer?.body['detail'], ...faults.map(({ message }) => message)].filter((text) =>
        english.test(String(text)),
      ),
    ).toEqual([]);
  });
});

describe('the language of a problem', () => {
  it.each([
    [undefined, 'id', 'id'],
    ['fr', 'id', 'id'],
    ['en', 'id', 'en'],
    ['id', 'en', 'id'],
    [undefined, 'en', 'en'],
  ] as const)(
    'is that of Accept-Language %s, else that of the token, %s: %s',
    async (header, locale, language) => {
      const headers = header === undefined ? undefined : { 'accept-language': header };
      const { body } = await intake.call('GET', '/export/status/none', {
        as: { locale },
        ...(headers === undefined ? {} : { headers }),
      });
      expect(body['title']).toBe(catalogue.EXPORT_NOT_FOUND.title[language]);
    },
  );
});
