import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';

/** A registry that does not answer within this time counts as down; it usually answers in a few ms. */
const requestTimeoutMs = 3_000;

type RegistryMiddleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];

/** Limits each request: by default the client waits forever for a registry that hangs. */
const withTimeout: RegistryMiddleware = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: requestTimeoutMs }),
});

/** Creates a client of the registry that does not retry. */
export function createRegistryClient(url: string, clientId: string): SchemaRegistry {
  // The callers retry, since they know their time limits. All fields are given because the client merges them into
  // defaults that all its instances of the process share.
  const retry = {
    retries: 0,
    maxRetryTimeInSecs: 1,
    initialRetryTimeInSecs: 0.1,
    factor: 0.2,
    multiplier: 2,
  };
  return new SchemaRegistry({ host: url, clientId, retry, middlewares: [withTimeout] });
}

/**
 * Returns whether the registry answered that this request can never succeed: the schema does not exist (404), is
 * incompatible (409) or invalid (422). This client reports a failed connection as 400, so 400 is not a final answer.
 */
export function isFinalAnswer(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError') return true;
  return 'status' in error && [404, 409, 422].includes(Number(error.status));
}
