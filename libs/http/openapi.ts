import { catalogue, type ErrorCode } from '@waybill/errors';
import { z } from 'zod';

/** One path with one method. */
export interface ApiOperation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** The whole path, with parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** Who may call it, as text; a permission stands in backquotes. */
  readonly access: string;
  readonly query?: z.ZodType;
  /** Request headers of this operation. `Accept-Language`, and `Last-Event-ID` of an event stream, are added. */
  readonly headers?: readonly ApiHeader[];
  /** Name of the request's schema. */
  readonly body?: string;
  /** True if a request may leave out the body. */
  readonly optionalBody?: boolean;
  /** Status to the name of the answer's schema; `events` is a stream of server-sent events, `none` has no body. */
  readonly answers: Readonly<Record<number, string>>;
  /** Status to the headers of that answer. `Retry-After` of 429 and 503 is added. */
  readonly answerHeaders?: Readonly<Record<number, readonly ApiAnswerHeader[]>>;
  /** Codes of its problems, in addition to `commonCodes`. */
  readonly codes: readonly ErrorCode[];
}

export interface ApiHeader {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
}

export interface ApiAnswerHeader extends ApiHeader {
  /** Whether every answer with the status has it. */
  readonly required: boolean;
}

export interface ApiDescription {
  readonly title: string;
  readonly summary: string;
  readonly operations: readonly ApiOperation[];
  /** Codes that every operation may answer with; by default those of a session and of a server that is down. */
  readonly commonCodes?: readonly ErrorCode[];
  /** Bodies as a client may send them, by name. */
  readonly requests: Readonly<Record<string, z.ZodType>>;
  /** Answers, by name. `Problem` is added. */
  readonly responses: Readonly<Record<string, z.ZodType>>;
}

export type JsonSchema = z.core.JSONSchema.JSONSchema;
export type OpenApiDocument = ReturnType<typeof openApiDocument>;
export type DescribedOperation = ReturnType<typeof described>;

const defaultCodes: readonly ErrorCode[] = ['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE'];

/** Returns the OpenAPI 3.1 document of a service, made from the schemas that validate its requests. */
export function openApiDocument(api: ApiDescription) {
  const { commonCodes = defaultCodes } = api;
  const byPath = Map.groupBy(api.operations, ({ path }) => path);
  return {
    openapi: '3.1.1',
    info: {
      title: api.title,
      version: '1.0.0',
      summary: api.summary,
      description:
        'Errors are RFC 9457 problem details with a stable code. Their texts are in the language of Accept-Language (en, id), ' +
        'else in that of the token, else in English. What is not a complete HTTP request is answered with MALFORMED_REQUEST ' +
        '(400), REQUEST_TIMEOUT (408) or HEADERS_TOO_LARGE (431).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: Object.fromEntries(
      [...byPath].map(([path, operations]) => [
        path,
        Object.fromEntries(
          operations.map((operation) => [operation.method, described(operation, commonCodes)]),
        ),
      ]),
    ),
    components: {
      schemas: {
        ...named(api.requests, 'input'),
        ...named({ ...api.responses, Problem: problemSchema }, 'output'),
      },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What to do, in the language of the reader'),
    instance: z.string().describe('The path of the request'),
    code: z
      .string()
      .describe('Stable; one of the error catalogue')
      .meta({ examples: Object.keys(catalogue).slice(0, 3) }),
    request_id: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Each faulty field of the request'),
  })
  .describe('RFC 9457 problem details; parameters of the code, such as total and cap, are further members');

function described(operation: ApiOperation, commonCodes: readonly ErrorCode[]) {
  const { id, summary, access, path, query, body, optionalBody = false, answers, codes } = operation;
  return {
    operationId: id,
    summary,
    description: access,
    parameters: [
      ...pathParameters(path),
      ...(query === undefined ? [] : queryParameters(query)),
      ...headerParameters(operation),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !optionalBody,
            content: { 'application/json': { schema: reference(body) } },
          },
        }),
    responses: withHeaders(operation, {
      ...Object.fromEntries(Object.entries(answers).map(([status, name]) => [status, answered(name)])),
      ...problemsOf([...commonCodes, ...codes]),
    }),
  };
}

type DescribedResponses = Readonly<Record<string, DescribedResponse>>;

/** Adds the headers of each answer. */
function withHeaders(
  { answerHeaders = {} }: ApiOperation,
  responses: DescribedResponses,
): DescribedResponses {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      const added = (answerHeaders[Number(status)] ?? []).map(
        ({ name, ...header }) => [name, header] as const,
      );
      if (added.length === 0) return [status, response];
      return [status, { ...response, headers: { ...response.headers, ...Object.fromEntries(added) } }];
    }),
  );
}

interface DescribedHeader {
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface DescribedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, DescribedHeader>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

function answered(name: string): DescribedResponse {
  if (name === 'none') return { description: 'No content' };
  if (name !== 'events') {
    return { description: name, content: { 'application/json': { schema: reference(name) } } };
  }
  const description = 'Server-sent events; the data of each is JSON';
  return { description: name, content: { 'text/event-stream': { schema: { type: 'string', description } } } };
}

/** Returns the problems by status; each lists the codes that it may carry. */
function problemsOf(codes: readonly ErrorCode[]): Readonly<Record<string, DescribedResponse>> {
  const byStatus = Map.groupBy(codes, (code) => catalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `- \`${code}\`: ${catalogue[code].title.en}`).join('\n'),
        ...(status === 429 || status === 503
          ? { headers: { 'Retry-After': { schema: { type: 'integer' } } } }
          : {}),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                reference('Problem'),
                { properties: { code: { enum: ofStatus }, status: { const: status } } },
              ],
            },
          },
        },
      },
    ]),
  );
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

function pathParameters(path: string): readonly Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType): readonly Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const acceptLanguage: ApiHeader = {
  name: 'Accept-Language',
  description: 'Language of texts for people',
  schema: { enum: ['en', 'id'] },
};
const lastEventId: ApiHeader = {
  name: 'Last-Event-ID',
  description: 'The id of the last event that the client received',
  schema: { type: 'string' },
};

function headerParameters({ headers = [], answers }: ApiOperation): readonly Parameter[] {
  const streams = Object.values(answers).includes('events');
  return [acceptLanguage, ...(streams ? [lastEventId] : []), ...headers].map((header) => ({
    ...header,
    in: 'header',
    required: false,
  }));
}

/** Returns the schemas as JSON Schema 2020-12, the dialect of OpenAPI 3.1. A schema within another is a reference. */
function named(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id?: string | undefined }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: found } = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
    // `readonly` is about our types, `readOnly` about what a client may send.
    override: ({ jsonSchema }) => delete jsonSchema.readOnly,
  });
  return Object.fromEntries(Object.entries(found).map(([id, schema]) => [id, withoutIdentity(schema)]));
}

/** Removes `$schema` and `$id`, which a schema inside a document does not have. */
function withoutIdentity(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
