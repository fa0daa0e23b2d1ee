import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { callerOfClaims, type Caller } from './caller.ts';
import { authenticate, callerOf } from './middleware.ts';

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

describe('the authenticate middleware', () => {
  it('gives the handler the caller of the header', async () => {
    const seen: (string | undefined)[] = [];
    const middleware = authenticate({ caller: (header) => Promise.resolve((seen.push(header), caller)) });
    const ctx = request('Bearer a.b.c');
    await middleware(ctx, () => Promise.resolve(seen.push(callerOf(ctx).userId)));
    expect(seen).toEqual(['Bearer a.b.c', 'u1']);
  });

  it('does not reach the handler where the token is refused', async () => {
    const middleware = authenticate({ caller: () => Promise.reject(new ExportError('UNAUTHENTICATED')) });
    let reached = false;
    const handled = middleware(request(''), () => Promise.resolve((reached = true)));
    await expect(handled).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(reached).toBe(false);
  });

  it('takes an empty header as none', async () => {
    let seen: string | undefined = 'unset';
    const middleware = authenticate({ caller: (header) => Promise.resolve(((seen = header), caller)) });
    await middleware(request(''), () => Promise.resolve());
    expect(seen).toBeUndefined();
  });

  it('refuses a handler that asks for a caller without it', () => {
    expect(() => callerOf(request('Bearer a.b.c'))).toThrow('the request was not authenticated');
  });
});
