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

describe('sealed rows', () => {
  it('sealed rows open to the same rows, for any JSON values', async () => {
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

  it('sealed rows contain no readable text of a row', async () => {
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
  ])('sealed rows do not open as the rows of another message: %o', async (other) => {
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    await expect(openRows(opener, sealed, { ...id, ...other })).rejects.toEqual(unreadable);
  });

  it('sealed rows do not open if they were changed, truncated, or hold a plan', async () => {
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    const cut = { ...sealed, ciphertext: sealed.ciphertext.subarray(1) };
    await expect(openRows(opener, cut, id)).rejects.toEqual(unreadable);
    await expect(openRows(opener, await sealPlan(dataKey, plan, id), id)).rejects.toEqual(unreadable);
  });

  it('sealed rows fail with a retryable error while this process lacks their key-encryption key', async () => {
    const others = createOpener(
      localKeyEncryption({ keys: { two: Buffer.alloc(32, 8).toString('base64') }, currentKeyId: 'two' }),
    );
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    await expect(openRows(others, sealed, id)).rejects.toMatchObject({
      code: 'ENCRYPTION_KEY_UNKNOWN',
      retryable: true,
      params: { key_id: 'one' },
    });
  });

  it('encodedBytes counts bytes, not characters', () => {
    expect(encodedBytes(encodeRow(['é']))).toBe('["é"],'.length + 1);
  });
});

describe('a sealed plan', () => {
  it('a sealed plan opens to the same plan', async () => {
    expect(await openPlan(opener, await sealPlan(dataKey, plan, id), id)).toEqual(plan);
  });

  it('a sealed plan leaves out the parts of a column that only the resolver needs', async () => {
    const column = { name: 'a', header: 'A', fieldType: 'text', source: { kind: 'property', path: 'a' } };
    const sealed = await sealPlan(dataKey, { ...plan, columns: [column] }, id);
    expect((await openPlan(opener, sealed, id)).columns).toEqual([
      { name: 'a', header: 'A', fieldType: 'text' },
    ]);
  });

  it('a sealed plan does not open if it holds rows', async () => {
    const sealed = await sealRows(dataKey, [encodeRow(['a'])], id);
    await expect(openPlan(opener, sealed, id)).rejects.toEqual(unreadable);
  });
});
