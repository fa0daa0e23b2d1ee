import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { jwtVerify, type JWTPayload } from 'jose';
import { callerOfClaims, type Caller } from './caller.ts';
import { developmentIssuer, refuseInProduction } from './development-issuer.ts';
import { createKeySource, type KeySourceOptions } from './key-source.ts';
import { invalidToken, missingCaller, missingToken } from './unauthenticated.ts';

/** Signature algorithms that can be pinned. All are asymmetric, so that a public key can never serve as a secret. */
export type Algorithm = 'EdDSA' | 'RS256' | 'PS256' | 'ES256';

export interface AuthenticatorOptions extends KeySourceOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The algorithms that are accepted; only EdDSA by default. */
  readonly algorithms?: readonly Algorithm[];
}

export interface Authenticator {
  /**
   * Returns the caller of an `Authorization` header.
   * @throws ExportError UNAUTHENTICATED if the header is missing or the token is not valid; SERVICE_UNAVAILABLE if the
   * keys cannot be read.
   */
  caller(authorization: string | undefined): Promise<Caller>;
}

/** Clocks of issuer and service differ by seconds, not by minutes. */
const clockToleranceSeconds = 5;

/** The scheme, spaces, three base64url parts (RFC 6750 §2.1, RFC 7515 §3.1). */
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;

/**
 * Creates the check of bearer tokens.
 * @throws ExportError CONFIGURATION_INVALID if the development issuer would be trusted in production.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  if (options.issuer === developmentIssuer) refuseInProduction();
  const keys = createKeySource(options);
  const verify = async (token: string): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [...(options.algorithms ?? ['EdDSA'])],
      issuer: options.issuer,
      audience: options.audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
    });
    return payload;
  };
  return {
    caller: async (authorization) => {
      const token = bearer.exec(authorization ?? '')?.[1];
      if (token === undefined) throw missingToken();
      const payload = await verify(token).catch((error: unknown) => {
        throw error instanceof ExportError ? error : invalidToken(error);
      });
      return callerOfClaims(payload);
    },
  };
}

/** Settings as `authSettings` of @waybill/config reads them. */
export interface AuthenticatorSettings {
  readonly AUTH_JWKS_URL: string;
  readonly AUTH_ISSUER: string;
  readonly AUTH_AUDIENCE: string;
  readonly AUTH_ALGORITHMS: readonly Algorithm[];
}

/**
 * Creates the authenticator of a service from its settings.
 * @throws ExportError CONFIGURATION_INVALID as `createAuthenticator` does.
 */
export function authenticatorFromSettings(settings: AuthenticatorSettings, logger: Logger): Authenticator {
  return createAuthenticator({
    jwksUrl: settings.AUTH_JWKS_URL,
    issuer: settings.AUTH_ISSUER,
    audience: settings.AUTH_AUDIENCE,
    algorithms: settings.AUTH_ALGORITHMS,
    logger,
  });
}

/** What the middleware needs of a request, so that this package depends on no HTTP framework. */
interface AuthenticatedContext {
  readonly state: { caller?: Caller };
  get(header: string): string;
}

/**
 * Returns Koa middleware that sets `ctx.state.caller`.
 * @throws ExportError as `Authenticator.caller` does.
 */
export function authenticate(authenticator: Authenticator) {
  return async (ctx: AuthenticatedContext, next: () => Promise<unknown>): Promise<void> => {
    const header = ctx.get('Authorization');
    ctx.state.caller = await authenticator.caller(header === '' ? undefined : header);
    await next();
  };
}

/**
 * Returns the caller of a request behind `authenticate`.
 * @throws ExportError UNAUTHENTICATED if the middleware is missing.
 */
export function callerOf(ctx: { readonly state: { readonly caller?: Caller } }): Caller {
  const { caller } = ctx.state;
  if (caller === undefined) throw missingCaller();
  return caller;
}
