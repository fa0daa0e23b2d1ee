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
  /** How long an unknown key id does not ask the key server again after it was asked; 30 s by default. */
  readonly cooldownMs?: number;
  /** How old keys may be before they are read anew, beside the requests that go on with them; 10 min by default. */
  readonly cacheMs?: number;
  /** How long the key server may take; 3 s by default. */
  readonly timeoutMs?: number;
}

/** How long keys serve while the key server is down: a revoked key is believed for no longer than this. */
const keepMs = 60 * 60 * 1000;

/** After a failure requests fail at once for this long, rather than each waiting for a server that is down. */
const failureCooldownMs = 1_000;

/**
 * The keys of a JWKS (RFC 7517). Read at first use, then kept: a key server that is down for minutes stops nobody.
 * Throws ExportError('SERVICE_UNAVAILABLE') where keys are needed and cannot be read, and jose's errors for a
 * token whose key is not among them.
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
    // Its failure is logged where it happens, and this request does not need it.
    if (requests.ageMs() > cacheMs && !keys.reloading) void keys.reload().catch(() => undefined);
    try {
      return await keys(header, token);
    } catch (error) {
      if (isOfTheToken(error)) throw error;
      throw new ExportError('SERVICE_UNAVAILABLE', { cause: error });
    }
  };
}

/** Requests to the key server: when the last one succeeded, and none right after one that failed. */
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
        logger.error({ jwks_url: url, error }, 'keys of the token issuer not readable');
        throw failure.error;
      }
    },
  };
}

function isOfTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
