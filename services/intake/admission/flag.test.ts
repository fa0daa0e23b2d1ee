import { companyId, userId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { createExportFlag } from './flag.ts';

const caller = (company: string) => ({ companyId: companyId(company), userId: userId('u1') });

describe('flag contact_export', () => {
  it('is on or off for every company, depending on the setting', async () => {
    const off = await createExportFlag('flag-off', 'off');
    const on = await createExportFlag('flag-on', 'on');
    expect(await off.isOn(caller('c1'))).toBe(false);
    expect(await on.isOn(caller('c1'))).toBe(true);
  });

  it('is on only for the companies that the setting names', async () => {
    const some = await createExportFlag('flag-some', 'c1,c2');
    expect(await some.isOn(caller('c2'))).toBe(true);
    expect(await some.isOn(caller('c3'))).toBe(false);
    expect(await some.isOn(caller('off'))).toBe(false);
  });

  it('throws FLAG_DISABLED when it is required and off', async () => {
    const off = await createExportFlag('flag-refuse', 'off');
    await expect(off.require(caller('off'))).rejects.toMatchObject({ code: 'FLAG_DISABLED', status: 403 });
  });
});
