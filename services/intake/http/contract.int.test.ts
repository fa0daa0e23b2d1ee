import type { OpenApiDocument } from '@waybill/http';
import type { Permission } from '@waybill/domain';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basePath, commonCodes, operations, type Operation } from './operations.ts';
import { seedSpecialCompanies } from '../testing/companies.ts';
import { scenarios, type ScenarioWorld } from '../testing/scenarios.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

/*
 * The OpenAPI document of the running service is the contract. The test calls each operation for each of its answers and
 * validates the answer by the schema of the document. It fails for a scenario that is not in the document, and for an
 * answer without a scenario.
 */
let intake: RunningIntake;
let flagOff: RunningIntake;
let hurried: RunningIntake;
let world: ScenarioWorld;
let document: OpenApiDocument;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

beforeAll(async () => {
  const kept = {
    environment: { RATE_LIMIT_POINTS: '60', READ_RATE_LIMIT_POINTS: '10', STREAMS_PER_PERSON: '2' },
    contacts: 30,
    cap: 25,
  };
  intake = await startTestIntake(kept);
  flagOff = await startTestIntake({ contacts: 1, environment: { FLAG_CONTACT_EXPORT: 'off' } });
  hurried = await startTestIntake({ contacts: 1, environment: { SEARCH_LIMIT_MS: '1' } });
  const companies = await seedSpecialCompanies(intake.crm);
  world = { intake, flagOff, hurried, companies, streams: 2 };
  const served = await fetch(`${intake.url}/openapi.json`);
  // The service serves what apiDocument returns.
  document = (await served.json()) as OpenApiDocument;
  ajv.addSchema({ ...document, $id: 'openapi' });
});
afterAll(async () => {
  await intake[Symbol.asyncDispose]();
  await flagOff[Symbol.asyncDispose]();
  await hurried[Symbol.asyncDispose]();
});

const codesOf = (operation: Operation) => [...commonCodes, ...operation.codes];
const named = (operation: Operation) => [
  ...Object.keys(operation.answers).map((status) => `${operation.id} ${status}`),
  ...codesOf(operation).map((code) => `${operation.id} ${code}`),
];

describe('OpenAPI document', () => {
  it('has a scenario for every answer except SERVICE_UNAVAILABLE (see service.int.test.ts)', () => {
    const documented = operations.flatMap(named).filter((name) => !name.endsWith('SERVICE_UNAVAILABLE'));
    expect(Object.keys(scenarios).sort()).toEqual(documented.sort());
  });

  it('is served as an HTML page too', async () => {
    const page = await fetch(`${intake.url}/docs`);
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    for (const { path } of operations) expect(html).toContain(`${basePath}${path}`);
  });

  it('refers only to schemas that it contains', () => {
    const references = JSON.stringify(document).match(/#\/components\/schemas\/[^"]+/g) ?? [];
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(references.length).toBeGreaterThan(30);
    expect(references.filter((reference) => !known.includes(reference))).toEqual([]);
  });
});

describe('permission contacts.export', () => {
  const roles: readonly (readonly [string, readonly Permission[]])[] = [
    ['a caller without permissions', []],
    [
      'a caller who may see the history',
      ['contacts.export.history.company', 'contacts.export.history.organization'],
    ],
    ['an administrator who may not export', ['contacts.export.admin']],
  ];

  it.each(roles)('is required by every operation: %s is rejected', async (_role, permissions) => {
    for (const { method, path, id } of operations.filter((one) => one.permission === 'contacts.export')) {
      const at = path.replace(/\{\w+\}/, '0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a99');
      const answer = await intake.call(method.toUpperCase(), at, { as: { permissions } });
      expect([answer.status, answer.body['code']], id).toEqual([403, 'FORBIDDEN']);
    }
  });
});

describe.each(operations)('$method $path', (operation) => {
  const entries = Object.entries(scenarios).filter(([name]) => name.startsWith(`${operation.id} `));

  it.each(entries)('%s', async (name, scenario) => {
    const { request, answer, sentBody } = await scenario(world, operation);
    const expected = name.slice(operation.id.length + 1);
    const isProblem = !/^\d+$/.test(expected);
    if (isProblem) expect(answer.body['code'], JSON.stringify(answer.body)).toBe(expected);
    else expect(answer.status, JSON.stringify(answer.body)).toBe(Number(expected));

    const described = document.paths[`${basePath}${operation.path}`]?.[operation.method];
    const response = described?.responses[answer.status];
    expect(response, `${request} is documented for ${answer.status}`).toBeDefined();
    requireHeaders(response?.headers ?? {}, answer.headers);
    const type = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
    if (type !== 'none' && type !== 'text/event-stream') {
      requireFit(`${pointer(operation, answer.status, type)}/schema`, answer.body);
    }
    if (!isProblem && operation.body !== undefined) {
      requireFit(`openapi#/components/schemas/${operation.body}`, sentBody);
    }
  });
});

/** Headers with a meaning for clients; others, such as Vary, belong to HTTP itself. */
const meaningful = /^(ratelimit-.+|idempotency-.+|etag|location|retry-after)$/;

/** Fails for a header that is not documented, and for a missing one that each such answer has. */
function requireHeaders(
  documented: Readonly<Record<string, { readonly required?: boolean }>>,
  headers: Headers,
): void {
  const names = Object.keys(documented).map((name) => name.toLowerCase());
  const sent = [...headers.keys()].filter((name) => meaningful.test(name));
  expect(sent.filter((name) => !names.includes(name))).toEqual([]);
  const required = Object.entries(documented).filter(([, header]) => header.required === true);
  expect(required.map(([name]) => name).filter((name) => !headers.has(name))).toEqual([]);
}

function pointer(operation: Operation, status: number, type: string): string {
  const part = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
  const path = part(`${basePath}${operation.path}`);
  return `openapi#/paths/${path}/${operation.method}/responses/${status}/content/${part(type)}`;
}

function requireFit(schema: string, value: unknown): void {
  const validate = ajv.getSchema(schema);
  if (validate === undefined) throw new Error(`The document does not contain ${schema}.`);
  const fits = validate(value);
  expect([fits, validate.errors ?? []], schema).toEqual([true, []]);
}
