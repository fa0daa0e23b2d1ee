export {
  authenticate,
  authenticatorFromSettings,
  callerOf,
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
} from './authenticator.ts';
export { requireEmail, requirePermission, type Caller, type CallerWithEmail } from './caller.ts';
export {
  developmentIssuer,
  issueDevelopmentToken,
  startDevelopmentIssuer,
  type DevelopmentClaims,
  type DevelopmentIssuer,
} from './development-issuer.ts';
