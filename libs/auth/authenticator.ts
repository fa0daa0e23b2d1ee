import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { jwtVerify, type JWTPayload } from 'jose';
import { callerOfClaims, type Caller } from './caller.ts';
import { developmentIssuer, refuseInProduction } from './development-keys.ts';
import { createKeySource, type KeySourceOptions } from './key-source.ts';
import { noTokenGiven, tokenRefused } from './refusals.ts';

/** Signature algorithms that may be pinned: asymmetric only, so that a public key can never serve as a secret. */
export type Algorithm = 'EdDSA' | 'RS256' | 'PS256' | 'ES256';

export interface AuthenticatorOptions extends KeySourceOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The algorithms that are accepted; EdDSA alone by default. */
  readonly algorithms?: readonly Algorithm[];
}

export interface Authenticator {
  /**
   * The caller of an `Authorization` header. Throws ExportError('UNAUTHENTICATED') for a header that is missing or a
   * token that is not valid, ExportError('SERVICE_UNAVAILABLE') where the keys cannot be read.
   */
  caller(authorization: string | undefined): Promise<Caller>;
}

/** Clocks of issuer and service differ by seconds, not by minutes. */
const clockToleranceSeconds = 5;

/** One scheme, blanks, three base64url parts (RFC 6750 §2.1, RFC 7515 §3.1). */
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;

/** Throws ExportError('CONFIGURATION_INVALID') where the development issuer is to be trusted in production. */
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
      if (token === undefined) throw noTokenGiven();
      const payload = await verify(token).catch((error: unknown) => {
        throw error instanceof ExportError ? error : tokenRefused(error);
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

/** @throws as `createAuthenticator` does. */
export function authenticatorFromSettings(settings: AuthenticatorSettings, logger: Logger): Authenticator {
  return createAuthenticator({
    jwksUrl: settings.AUTH_JWKS_URL,
    issuer: settings.AUTH_ISSUER,
    audience: settings.AUTH_AUDIENCE,
    algorithms: settings.AUTH_ALGORITHMS,
    logger,
  });
}
