import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';

/** A registry that does not answer within this time counts as down; it answers in a few ms. */
const requestTimeoutMs = 3_000;

type RegistryMiddleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];

/** By default the client waits for ever for a registry that hangs. */
const withTimeout: RegistryMiddleware = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: requestTimeoutMs }),
});

export function createRegistryClient(url: string, clientId: string): SchemaRegistry {
  // No retries of its own: whoever calls knows how long it may take. The full set is given because the client
  // merges it into defaults that all its instances of the process share.
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
 * Whether the registry has answered that this request can never succeed: it knows no such schema (404), or refuses one
 * as incompatible (409) or wrong (422). A connection that fails looks like a 400 to this client, so 400 says nothing.
 */
export function isFinalAnswer(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError') return true;
  return 'status' in error && [404, 409, 422].includes(Number(error.status));
}
