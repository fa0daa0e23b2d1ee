import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type { Credentials } from '../types/kafka.ts';

type RegistryMiddleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];

/** Limits each request: by default the client waits forever for a registry that hangs. */
const withTimeout =
  (timeoutMs: number): RegistryMiddleware =>
  () => ({
    prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }),
  });

/**
 * Reports a 404 as 503 if it does not have the registry's own error code in its body, such as 40403: it then comes from
 * something in front of the registry, or from a wrong address. The client's errors have no body, so this sends the
 * request again, with the credentials that the client adds later.
 */
const requireErrorCode =
  ({ registryCredentials, timeoutMs }: RegistryOptions): RegistryMiddleware =>
  () => ({
    response: (next, _renew, request) =>
      next().catch(async (error: unknown) => {
        if (statusOf(error) !== 404) throw error;
        const body: unknown = request.body();
        const answer = await fetch(request.url(), {
          method: request.method(),
          headers: {
            ...Object.fromEntries(
              Object.entries(request.headers()).map(([name, value]) => [name, String(value)]),
            ),
            ...authorization(registryCredentials),
          },
          body: typeof body === 'string' ? body : null,
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (await isOwnAnswer(answer)) throw error;
        throw Object.assign(new Error('The answer 404 is not of a schema registry.', { cause: error }), {
          status: 503,
        });
      }),
  });

function authorization(credentials: Credentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  const { username, password } = credentials;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

async function isOwnAnswer(answer: Response): Promise<boolean> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || !('error_code' in body)) return false;
  return String(body.error_code).startsWith(String(answer.status));
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return Number(error.status);
}

export interface RegistryOptions {
  readonly url: string;
  readonly clientId: string;
  readonly registryCredentials?: Credentials | undefined;
  /** Limit for each answer, in ms. */
  readonly timeoutMs: number;
}

/** Creates a client of the registry that does not retry. */
export function createRegistryClient(options: RegistryOptions): SchemaRegistry {
  const { url, clientId, registryCredentials, timeoutMs } = options;
  // The callers retry, since they know their time limits. All fields are given because the client merges them into
  // defaults that all its instances of the process share.
  const retry = {
    retries: 0,
    maxRetryTimeInSecs: 1,
    initialRetryTimeInSecs: 0.1,
    factor: 0.2,
    multiplier: 2,
  };
  const auth = registryCredentials === undefined ? {} : { auth: { ...registryCredentials } };
  return new SchemaRegistry({
    host: url,
    clientId,
    retry,
    middlewares: [withTimeout(timeoutMs), requireErrorCode(options)],
    ...auth,
  });
}

/**
 * Returns whether the registry answered that this request can never succeed: the schema does not exist (404), is
 * incompatible (409) or invalid (422). This client reports a failed connection as 400, so 400 is not a final answer.
 */
export function isFinalAnswer(error: unknown): boolean {
  if (error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError') return true;
  return [404, 409, 422].includes(statusOf(error) ?? 0);
}
