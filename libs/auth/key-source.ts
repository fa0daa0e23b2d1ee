import { asError, ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';

export interface KeySourceOptions {
  readonly jwksUrl: string;
  readonly logger: Logger;
  /** Shortest time between two requests to the key server for unknown key ids; 30 s by default. */
  readonly cooldownMs?: number;
  /** Age after which the keys are refreshed in the background; 10 min by default. */
  readonly cacheMs?: number;
  /** Time limit of a request to the key server; 3 s by default. */
  readonly timeoutMs?: number;
}

/** How long keys are used while the key server is down. A revoked key is accepted for at most this long. */
const keepMs = 60 * 60 * 1000;

/** Time after a failure in which requests fail at once, so that they do not wait for a server that is down. */
const failureCooldownMs = 1_000;

/**
 * Returns the keys of a JWKS (RFC 7517). They are read at first use and then cached, so that a key server that is down
 * for minutes blocks no request.
 * @throws ExportError SERVICE_UNAVAILABLE if keys are needed and cannot be read.
 * @throws JOSEError if the token's key is not in the set.
 */
export function createKeySource(options: KeySourceOptions): JWTVerifyGetKey {
  const requests = createRequests(options.logger);
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    cooldownDuration: options.cooldownMs ?? 30_000,
    cacheMaxAge: keepMs,
    timeoutDuration: options.timeoutMs ?? 3_000,
    [customFetch]: requests.fetch,
  });
  const cacheMs = options.cacheMs ?? 600_000;
  return async (header, token) => {
    // The request logs its failure, and this caller continues with the cached keys.
    if (requests.ageMs() > cacheMs && !keys.reloading) void keys.reload().catch(() => undefined);
    try {
      return await keys(header, token);
    } catch (error) {
      if (isTokenError(error)) throw error;
      throw new ExportError('SERVICE_UNAVAILABLE', { cause: error });
    }
  };
}

/** Sends requests to the key server and records the last success. Sends none within a second after a failure. */
function createRequests(logger: Logger): { readonly fetch: FetchImplementation; ageMs(): number } {
  let succeededAt: number | undefined;
  let failure: { readonly at: number; readonly error: Error } | undefined;
  const attempt: FetchImplementation = async (url, init) => {
    const response = await fetch(url, init);
    if (response.status !== 200) throw new Error(`The key server answered ${response.status}, expected 200.`);
    return response;
  };
  return {
    ageMs: () => (succeededAt === undefined ? 0 : performance.now() - succeededAt),
    fetch: async (url, init) => {
      if (failure !== undefined && performance.now() - failure.at < failureCooldownMs) throw failure.error;
      try {
        const response = await attempt(url, init);
        succeededAt = performance.now();
        failure = undefined;
        return response;
      } catch (error) {
        failure = { at: performance.now(), error: asError(error) };
        logger.error({ jwks_url: url, error }, 'token issuer keys not read');
        throw failure.error;
      }
    },
  };
}

/** Returns whether an error is a fault of the token and not of the key server. */
function isTokenError(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
