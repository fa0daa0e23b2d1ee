import { catalogue, type ErrorCode } from '@waybill/errors';
import { commonCodes, operations, type Operation } from './operations.ts';
import { componentSchemas, queryParameters } from './schemas.ts';

export const basePath = '/iag/v1/contacts';

/** Returns the OpenAPI 3.1 document of this service, generated from the schemas that validate requests. */
export function openApiDocument() {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Waybill intake',
      version: '1.0.0',
      summary: 'Starts exports of contacts and follows them',
      description:
        'Errors are RFC 9457 problem details with a stable code, in the language of Accept-Language (en, id).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: pathsOf(operations),
    components: {
      schemas: componentSchemas(),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

function pathsOf(all: readonly Operation[]) {
  const byPath = Map.groupBy(all, (operation) => `${basePath}${operation.path}`);
  return Object.fromEntries(
    [...byPath].map(([path, atPath]) => [
      path,
      Object.fromEntries(atPath.map((operation) => [operation.method, describe(operation)])),
    ]),
  );
}

function describe(operation: Operation) {
  const { id, summary, permission, body } = operation;
  const parameters = [
    ...pathParameters(operation.path),
    ...(operation.query === undefined ? [] : queryParameters(operation.query)),
    ...headerParameters(operation),
  ];
  return {
    operationId: id,
    summary,
    description: `Permission: \`${permission}\`.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: reference(body) } } } }),
    responses: { ...answersOf(operation), ...problemsOf(operation) },
  };
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function headerParameters({ id }: Operation) {
  const header = (name: string, schema: object, description: string) => ({
    name,
    in: 'header',
    schema,
    description,
  });
  const language = header('Accept-Language', { enum: ['en', 'id'] }, 'Language of texts for people');
  if (id === 'startExport') {
    const key = { type: 'string', minLength: 1, maxLength: 255 };
    const description = 'For 24 hours a request with the same key and body returns the same job';
    return [language, header('Idempotency-Key', key, description)];
  }
  if (id !== 'followStatus') return [language];
  return [
    language,
    header('Last-Event-ID', { type: 'string' }, 'The id of the last event that the client received'),
  ];
}

function answersOf({ answers }: Operation) {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      if (answer === 'none') return [status, { description: 'No content' }];
      const [type, schema] =
        answer === 'events'
          ? [
              'text/event-stream',
              { type: 'string', description: 'Events named `status` with a Status as data' },
            ]
          : ['application/json', reference(answer)];
      return [status, { description: answer, content: { [type]: { schema } } }];
    }),
  );
}

/** Returns the problems by status, each with the codes that it may have. */
function problemsOf({ codes }: Operation) {
  const byStatus = Map.groupBy([...commonCodes, ...codes], (code) => catalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map(lineOf).join('\n'),
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

function lineOf(code: ErrorCode): string {
  return `- \`${code}\`: ${catalogue[code].title.en}`;
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
