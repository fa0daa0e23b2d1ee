import type { ContactSource, Layout } from '@waybill/contacts';
import { companyId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { keepingCompanies } from './contact-metadata-cache.ts';

const company = companyId('c1');
const layout: Layout = { id: 'l1', name: 'Layout', is_default: true, fields: [] };

/** A source that counts what is asked of it, on a clock that the test turns. */
function counted(keptMs = 1_000) {
  const state = { asked: 0, now: 0, down: false };
  // Nothing else of a source is asked for here.
  const source = {
    layouts: () => {
      state.asked += 1;
      return state.down ? Promise.reject(new Error('down')) : Promise.resolve([layout]);
    },
  } as Partial<ContactSource> as ContactSource;
  return { state, kept: keepingCompanies(source, keptMs, () => state.now) };
}

describe('what is kept of a company', () => {
  it('is asked for once, however many ask at the same time and in whichever way', async () => {
    const { state, kept } = counted();
    const [all, one, first] = await Promise.all([
      kept.layouts(company),
      kept.layout(company, 'l1'),
      kept.defaultLayout(company),
    ]);
    expect([all, one, first]).toEqual([[layout], layout, layout]);
    expect(state.asked).toBe(1);
  });

  it('is asked for anew when its time is over, and for another company', async () => {
    const { state, kept } = counted();
    await kept.layouts(company);
    state.now = 999;
    await kept.layouts(company);
    expect(state.asked).toBe(1);
    state.now = 1_000;
    await kept.layouts(company);
    await kept.layouts(companyId('c2'));
    expect(state.asked).toBe(3);
  });

  it('is no failure: the next one asks again', async () => {
    const { state, kept } = counted();
    state.down = true;
    await expect(kept.layouts(company)).rejects.toThrow('down');
    state.down = false;
    expect(await kept.layouts(company)).toEqual([layout]);
  });

  it('is nothing where the setting is 0', async () => {
    const { state, kept } = counted(0);
    await kept.layouts(company);
    await kept.layouts(company);
    expect(state.asked).toBe(2);
  });
});
