import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/logging';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { callerOfClaims, type Caller } from './caller.ts';
import { refuseInProduction, developmentIssuer } from './development-keys.ts';

/** Signature algorithms that may be pinned: asymmetric only, so that a public key can never serve as a secret. */
export type Algorithm = 'EdDSA' | 'RS256' | 'PS256' | 'ES256';

export interface AuthenticatorOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly logger: Logger;
  /** The algorithms that are accepted; EdDSA alone by default. */
  readonly algorithms?: readonly Algorithm[];
  /** How long an unknown key id does not ask the key server again after it was asked; 30 s by default. */
  readonly cooldownMs?: number;
  /** How long keys are kept before they are read anew; 10 min by default. */
  readonly cacheMs?: number;
  /** How long the key server may take; 3 s by default. */
  readonly timeoutMs?: number;
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

/** One scheme, one space or more, three base64url parts (RFC 6750, RFC 7515). */
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;

/** Throws ExportError('CONFIGURATION_INVALID') where the development issuer is to be trusted in production. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  if (options.issuer === developmentIssuer) refuseInProduction();
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    cooldownDuration: options.cooldownMs ?? 30_000,
    cacheMaxAge: options.cacheMs ?? 600_000,
    timeoutDuration: options.timeoutMs ?? 3_000,
  });
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
      if (token === undefined) throw unauthenticated('the Authorization header has no bearer token');
      const payload = await verify(token).catch((error: unknown) => {
        throw refusalOf(error, options);
      });
      return callerOfClaims(payload);
    },
  };
}

/** What is wrong with a token, without a word of the token itself; anything else is the key server's fault. */
function refusalOf(error: unknown, { logger, jwksUrl }: AuthenticatorOptions): ExportError {
  const reason = reasonOf(error);
  if (reason !== undefined) return unauthenticated(reason, error);
  logger.error({ jwks_url: jwksUrl, error }, 'the keys of the token issuer cannot be read');
  return new ExportError('SERVICE_UNAVAILABLE', { cause: error });
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the claim ${error.claim} of the token is not valid`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token's algorithm is not accepted";
  if (error instanceof errors.JWKSNoMatchingKey) return "the token's key is not known";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is not valid";
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return 'the token is malformed';
  }
  return undefined;
}

function unauthenticated(reason: string, cause?: unknown): ExportError {
  return new ExportError('UNAUTHENTICATED', {
    params: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}
