export {
  authenticatorFromSettings,
  createAuthenticator,
  type Algorithm,
  type Authenticator,
  type AuthenticatorOptions,
  type AuthenticatorSettings,
} from './authenticator.ts';
export { requirePermission, type Caller } from './caller.ts';
export {
  startDevelopmentIssuer,
  type DevelopmentIssuer,
  type DevelopmentIssuerOptions,
} from './development-issuer.ts';
export { developmentAudience, developmentIssuer } from './development-keys.ts';
export { issueDevelopmentToken, type DevelopmentClaims } from './development-token.ts';
export { authenticate, callerOf } from './middleware.ts';
