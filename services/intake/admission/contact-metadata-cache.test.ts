import type { ContactSource, Layout } from '@waybill/contacts';
import { companyId, userId, type Permission } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { cacheContactMetadata, cachePermissions } from './contact-metadata-cache.ts';

const company = companyId('c1');
const layout: Layout = { id: 'l1', name: 'Layout', is_default: true, fields: [] };

/** Creates a source that counts its queries, and a cache with a clock that the test sets. */
function counted(ttlMs = 1_000) {
  const state = { queries: 0, now: 1, down: false };
  // The tests call no other function of the source.
  const source = {
    layouts: () => {
      state.queries += 1;
      return state.down ? Promise.reject(new Error('down')) : Promise.resolve([layout]);
    },
  } as Partial<ContactSource> as ContactSource;
  return { state, cached: cacheContactMetadata(source, ttlMs, () => new Date(state.now)) };
}

describe('contact metadata cache', () => {
  it('queries the CRM once for concurrent calls, whichever function they call', async () => {
    const { state, cached } = counted();
    const [all, one, first] = await Promise.all([
      cached.layouts(company),
      cached.layout(company, 'l1'),
      cached.defaultLayout(company),
    ]);
    expect([all, one, first]).toEqual([[layout], layout, layout]);
    expect(state.queries).toBe(1);
  });

  it('queries the CRM again after the time to live, and for another company', async () => {
    const { state, cached } = counted();
    await cached.layouts(company);
    state.now = 1_000;
    await cached.layouts(company);
    expect(state.queries).toBe(1);
    state.now = 1_002;
    await cached.layouts(company);
    await cached.layouts(companyId('c2'));
    expect(state.queries).toBe(3);
  });

  it('does not cache a failure', async () => {
    const { state, cached } = counted();
    state.down = true;
    await expect(cached.layouts(company)).rejects.toThrow('down');
    state.down = false;
    expect(await cached.layouts(company)).toEqual([layout]);
  });

  it('caches nothing when the time to live is 0', async () => {
    const { state, cached } = counted(0);
    await cached.layouts(company);
    await cached.layouts(company);
    expect(state.queries).toBe(2);
  });
});

describe('permission cache', () => {
  it('queries the CRM again after the time to live, and for another person or company', async () => {
    const state = { queries: 0, now: 1, held: ['contacts.export'] as readonly Permission[] };
    const source = {
      of: () => {
        state.queries += 1;
        return Promise.resolve(state.held);
      },
    };
    const cached = cachePermissions(source, 30_000, () => new Date(state.now));
    const ask = (user = 'u1', of = company) => cached.of(userId(user), of);
    expect(await Promise.all([ask(), ask()])).toEqual([['contacts.export'], ['contacts.export']]);
    expect(state.queries).toBe(1);
    state.held = [];
    expect(await ask()).toEqual(['contacts.export']);
    state.now = 30_002;
    expect(await ask()).toEqual([]);
    await ask('u2');
    await ask('u1', companyId('c2'));
    expect(state.queries).toBe(4);
  });
});
