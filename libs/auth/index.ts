export {
  authenticate,
  authenticatorFromSettings,
  callerOf,
  createAuthenticator,
  type Algorithm,
  type Authenticator,
  type AuthenticatorOptions,
  type AuthenticatorSettings,
} from './authenticator.ts';
export { requirePermission, type Caller } from './caller.ts';
export {
  developmentAudience,
  developmentIssuer,
  issueDevelopmentToken,
  startDevelopmentIssuer,
  type DevelopmentClaims,
  type DevelopmentIssuer,
  type DevelopmentIssuerOptions,
} from './development-issuer.ts';
