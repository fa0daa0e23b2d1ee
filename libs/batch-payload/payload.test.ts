import { createDataKey, createOpener, localKeyEncryption } from '@waybill/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchId,
  encodedBytes,
  encodeRow,
  openPlan,
  openRows,
  sealPlan,
  sealRows,
  type Row,
} from './index.ts';

const keys = localKeyEncryption({
  keys: { one: Buffer.alloc(32, 7).toString('base64') },
  currentKeyId: 'one',
});
const dataKey = await createDataKey(keys);
const opener = createOpener(keys);
const id = batchId({ company_id: 'c-1', job_id: 'j-1', attempt: 1 }, 3);
const plan = {
  columns: [
    { name: 'first_name', header: 'First name', fieldType: 'text' },
    { name: 'stage', header: 'Stage', fieldType: 'dropdown', options: [{ key: 'a', label: 'A' }] },
    { name: 'value', header: 'Value', fieldType: 'number', numberType: 'currency' as const },
  ],
  total: 1_000_000,
  snapshotAt: 1_764_000_000_000,
};
const unreadable: unknown = expect.objectContaining({ code: 'EXPORT_BATCH_UNREADABLE', retryable: false });

const jsonValue = fc.jsonValue({ maxDepth: 2, noUnicodeString: false });

describe('rows in a batch', () => {
  it('come back as they were, whatever JSON they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(jsonValue, { maxLength: 6 }), { maxLength: 8 }), async (rows) => {
        // JSON has no negative zero: what comes back is what its text says.
        const texts = rows.map((row) => JSON.parse(JSON.stringify(row)) as Row);
        const sealed = await sealRows(
          dataKey,
          texts.map((row) => encodeRow(row)),
          id,
        );
        expect(await openRows(opener, sealed, id)).toEqual(texts);
      }),
      { numRuns: 60 },
    );
  });

  it('cannot be read on the way, not even by their words', async () => {
    const sealed = await sealRows(dataKey, [encodeRow(['Siti Nurhaliza'])], id);
    expect(sealed.ciphertext.includes('Siti')).toBe(false);
  });

  it.each([
    { companyId: 'c-2' },
    { jobId: 'j-2' },
    { attempt: 2 },
    { number: 4 },
    // The ids are not run together: what ends one may not begin the next.
    { companyId: 'c-1"', jobId: 'j-1' },
  ])('do not open as those of another message: %o', async (other) => {
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    await expect(openRows(opener, sealed, { ...id, ...other })).rejects.toEqual(unreadable);
  });

  it('are refused when they were changed, cut short, or are a plan', async () => {
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    const cut = { ...sealed, ciphertext: sealed.ciphertext.subarray(1) };
    await expect(openRows(opener, cut, id)).rejects.toEqual(unreadable);
    await expect(openRows(opener, await sealPlan(dataKey, plan, id), id)).rejects.toEqual(unreadable);
  });

  it('can be read again once this process has the key-encryption key, so the error is retryable', async () => {
    const others = createOpener(
      localKeyEncryption({ keys: { two: Buffer.alloc(32, 8).toString('base64') }, currentKeyId: 'two' }),
    );
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    await expect(openRows(others, sealed, id)).rejects.toMatchObject({
      code: 'SEALED_DATA_UNREADABLE',
      retryable: true,
    });
  });

  it('are measured in bytes, not in characters', () => {
    expect(encodedBytes(encodeRow(['é']))).toBe('["é"],'.length + 1);
  });
});

describe('a plan', () => {
  it('comes back as it was', async () => {
    expect(await openPlan(opener, await sealPlan(dataKey, plan, id), id)).toEqual(plan);
  });

  it('leaves behind what only the resolver needs of a column', async () => {
    const column = { name: 'a', header: 'A', fieldType: 'text', source: { kind: 'property', path: 'a' } };
    const sealed = await sealPlan(dataKey, { ...plan, columns: [column] }, id);
    expect((await openPlan(opener, sealed, id)).columns).toEqual([
      { name: 'a', header: 'A', fieldType: 'text' },
    ]);
  });

  it('is refused where rows stand in its place', async () => {
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    await expect(openPlan(opener, sealed, id)).rejects.toEqual(unreadable);
  });
});
