/** Errors for all reasons to answer 401. No reason repeats anything of the token. */
import { ExportError, type Language } from '@waybill/errors';
import { errors } from 'jose';

type Reason = Readonly<Record<Language, string>>;

const malformed: Reason = { en: 'the token is malformed', id: 'format token tidak sah' };
const expired: Reason = { en: 'the token has expired', id: 'token sudah kedaluwarsa' };
const algorithm: Reason = {
  en: "the token's algorithm is not accepted",
  id: 'algoritme token tidak diterima',
};
const key: Reason = { en: "the token's key is not known", id: 'kunci token tidak dikenal' };
const signature: Reason = { en: "the token's signature is not valid", id: 'tanda tangan token tidak sah' };

/** Returns the error for a request without a token. */
export function missingToken(): ExportError {
  return unauthenticated({
    en: 'the Authorization header has no bearer token',
    id: 'header Authorization tidak memuat bearer token',
  });
}

/** Returns the error for a token whose claims of these names are missing or not valid. */
export function invalidClaims(names: readonly string[]): ExportError {
  const list = names.join(', ');
  return unauthenticated({
    en: `these claims of the token are missing or not valid: ${list}`,
    id: `klaim token berikut tidak ada atau tidak sah: ${list}`,
  });
}

/** Returns the error for a token that jose rejects. */
export function invalidToken(error: unknown): ExportError {
  if (error instanceof errors.JWTExpired) return unauthenticated(expired, error);
  if (error instanceof errors.JWTClaimValidationFailed) return invalidClaims([error.claim]);
  if (error instanceof errors.JOSEAlgNotAllowed) return unauthenticated(algorithm, error);
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return unauthenticated(key, error);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return unauthenticated(signature, error);
  return unauthenticated(malformed, error);
}

/** Returns the error for a route that reads the caller without the `authenticate` middleware. */
export function missingCaller(): ExportError {
  return unauthenticated({ en: 'the request was not authenticated', id: 'permintaan tidak diautentikasi' });
}

function unauthenticated(reason: Reason, cause?: unknown): ExportError {
  return new ExportError('UNAUTHENTICATED', {
    translated: { en: { reason: reason.en }, id: { reason: reason.id } },
    cause,
  });
}
