import { catalogue, type ErrorCode } from '@waybill/errors';
import { z } from 'zod';

/** One address with one method. */
export interface ApiOperation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** The whole path, with parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** Who may call it, in words. */
  readonly access: string;
  readonly query?: z.ZodType;
  /** Name of the request's schema. */
  readonly body?: string;
  /** Status to the name of the answer's schema; `events` is a stream of server-sent events, `none` has no body. */
  readonly answers: Readonly<Record<number, string>>;
  /** Codes of its problems, beside those that every operation has. */
  readonly codes: readonly ErrorCode[];
}

export interface ApiDescription {
  readonly title: string;
  readonly summary: string;
  readonly operations: readonly ApiOperation[];
  /** Bodies as a client may send them, by name. */
  readonly requests: Readonly<Record<string, z.ZodType>>;
  /** Answers, by name. */
  readonly responses: Readonly<Record<string, z.ZodType>>;
}

/** Codes that every operation behind a session may answer with. */
const commonCodes: readonly ErrorCode[] = ['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE'];

/** The OpenAPI 3.1 document of a service, from the schemas that validate. */
export function openApiDocument(api: ApiDescription) {
  const byPath = Map.groupBy(api.operations, ({ path }) => path);
  return {
    openapi: '3.1.1',
    info: {
      title: api.title,
      version: '1.0.0',
      summary: api.summary,
      description:
        'Errors are RFC 9457 problem details with a stable code, in the language of Accept-Language (en, id).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: Object.fromEntries(
      [...byPath].map(([path, operations]) => [
        path,
        Object.fromEntries(operations.map((operation) => [operation.method, described(operation)])),
      ]),
    ),
    components: {
      schemas: { ...named(api.requests, 'input'), ...named(api.responses, 'output'), Problem: problem },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
} as const;

function described({ id, summary, access, path, query, body, answers, codes }: ApiOperation) {
  return {
    operationId: id,
    summary,
    description: access,
    parameters: [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: reference(body) } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, name]) => [status, answered(name)])),
      ...problemsOf([...commonCodes, ...codes]),
    },
  };
}

function answered(name: string) {
  if (name === 'none') return { description: 'No body' };
  const [type, schema] =
    name === 'events'
      ? ['text/event-stream', { type: 'string' } as const]
      : ['application/json', reference(name)];
  return { description: name, content: { [type]: { schema } } };
}

/** Problems by status; each lists the codes that it may carry. */
function problemsOf(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => catalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `- \`${code}\`: ${catalogue[code].title.en}`).join('\n'),
        content: {
          'application/problem+json': {
            schema: { allOf: [reference('Problem'), { properties: { code: { enum: ofStatus } } }] },
          },
        },
      },
    ]),
  );
}

function pathParameters(path: string) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(query: z.ZodType) {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** As JSON Schema 2020-12, which OpenAPI 3.1 speaks. */
function named(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output') {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      z.toJSONSchema(schema, { io, unrepresentable: 'any' }),
    ]),
  );
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
