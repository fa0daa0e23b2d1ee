import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { callerOfClaims, type Caller } from './caller.ts';
import { authenticate, callerOf } from './authenticator.ts';

const caller = callerOfClaims({
  sub: 'u1',
  company_id: 'c1',
  organization_id: 'o1',
  permissions: [],
  email: 'budi@example.com',
});

function request(header: string) {
  const state: { caller?: Caller } = {};
  return { state, get: (name: string) => (name === 'Authorization' ? header : '') };
}

describe('authenticate', () => {
  it('authenticate passes the caller of the header to the handler', async () => {
    const seen: (string | undefined)[] = [];
    const middleware = authenticate({ caller: (header) => Promise.resolve((seen.push(header), caller)) });
    const ctx = request('Bearer a.b.c');
    await middleware(ctx, () => Promise.resolve(seen.push(callerOf(ctx).userId)));
    expect(seen).toEqual(['Bearer a.b.c', 'u1']);
  });

  it('authenticate does not call the handler if the token is rejected', async () => {
    const middleware = authenticate({ caller: () => Promise.reject(new ExportError('UNAUTHENTICATED')) });
    let reached = false;
    const handled = middleware(request(''), () => Promise.resolve((reached = true)));
    await expect(handled).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(reached).toBe(false);
  });

  it('authenticate treats an empty header as a missing one', async () => {
    let seen: string | undefined = 'unset';
    const middleware = authenticate({ caller: (header) => Promise.resolve(((seen = header), caller)) });
    await middleware(request(''), () => Promise.resolve());
    expect(seen).toBeUndefined();
  });
});

describe('callerOf', () => {
  it('callerOf throws UNAUTHENTICATED if the middleware is missing', () => {
    expect(() => callerOf(request('Bearer a.b.c'))).toThrow('the request was not authenticated');
  });
});
