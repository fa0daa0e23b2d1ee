import type { Authenticator } from './authenticator.ts';
import type { Caller } from './caller.ts';
import { notAuthenticated } from './refusals.ts';

/** What the middleware needs of a request, so that this package knows no HTTP framework. */
interface AuthenticatedContext {
  readonly state: { caller?: Caller };
  get(header: string): string;
}

/** Koa middleware that puts the caller into `ctx.state.caller`, or throws as `Authenticator.caller` does. */
export function authenticate(authenticator: Authenticator) {
  return async (ctx: AuthenticatedContext, next: () => Promise<unknown>): Promise<void> => {
    const header = ctx.get('Authorization');
    ctx.state.caller = await authenticator.caller(header === '' ? undefined : header);
    await next();
  };
}

/** The caller of a request behind `authenticate`. Throws ExportError('UNAUTHENTICATED') where the middleware is missing. */
export function callerOf(ctx: { readonly state: { readonly caller?: Caller } }): Caller {
  const { caller } = ctx.state;
  if (caller === undefined) throw notAuthenticated();
  return caller;
}
