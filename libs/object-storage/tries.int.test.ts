import { silentLogger } from '@waybill/observability';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorage, storageFromSettings, type Storage } from './index.ts';
import { openGate, type Gate } from './testing/deaf-gate.ts';

const mib = 1024 * 1024;
const requestMs = 400;
const bucket = uniqueName('tries').toLowerCase();
const { s3 } = sharedAddresses();
const direct = createStorage({ ...s3, logger: silentLogger() });

beforeAll(() => direct.ensureBucket(bucket));
afterAll(() => direct.close());

function storageBehind(endpoint: string): Storage {
  return createStorage({
    ...s3,
    endpoint,
    partBytes: 5 * mib,
    partsInFlight: 1,
    requestMs,
    logger: silentLogger(),
  });
}

/** Sends one part and a rest through the storage. */
async function send(storage: Storage, key: string) {
  const file = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
  try {
    await file.write(Buffer.alloc(6 * mib, 'waybill '));
    return await file.complete();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

describe('a part', () => {
  it('a part without an answer is sent three times, then the upload fails with a retryable error', async () => {
    await using gate = await openGate(s3.endpoint, ['hangs']);
    const storage = storageBehind(gate.endpoint);
    await expect(send(storage, 'hangs')).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retryable: true,
    });
    expect(gate.tries).toHaveLength(3);
    const waits = gate.tries.slice(1).map((at, index) => at - (gate.tries[index] ?? 0));
    // Timers may fire a little early.
    for (const waitMs of waits) expect(waitMs).toBeGreaterThanOrEqual(requestMs - 20);
    storage.close();
  });

  it('a part whose connection breaks is sent three times', async () => {
    await using gate = await openGate(s3.endpoint, ['hangs up']);
    const storage = storageBehind(gate.endpoint);
    await expect(send(storage, 'hangs-up')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(gate.tries).toHaveLength(3);
    storage.close();
  });

  it('a part that arrives with its third try is in the file', async () => {
    await using gate = await openGate(s3.endpoint, ['hangs', 'hangs up', 'passes']);
    const storage = storageBehind(gate.endpoint);
    expect(await send(storage, 'third')).toMatchObject({ bytes: 6 * mib });
    expect((await direct.head({ bucket, key: 'third' }))?.bytes).toBe(6 * mib);
    expect(gate.tries.length).toBeGreaterThanOrEqual(3);
    storage.close();
  });
});

describe('storageFromSettings', () => {
  it('sends a file as often as S3_TRIES says, and each try ends after S3_TIMEOUT_MS', async () => {
    await using gate = await openGate(s3.endpoint, ['hangs'], 'put');
    const storage = storageFromSettings(
      {
        S3_ENDPOINT: gate.endpoint,
        S3_REGION: s3.region,
        S3_ACCESS_KEY_ID: s3.accessKeyId,
        S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
        S3_TIMEOUT_MS: requestMs,
        S3_TRIES: 2,
      },
      { logger: silentLogger() },
    );
    const file = storage.openUpload({
      bucket,
      key: 'twice',
      contentType: 'text/csv',
      fileName: 'contacts.csv',
    });
    await expect(file.complete()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(gate.tries).toHaveLength(2);
    storage.close();
  });
});

describe('Upload.complete after an ambiguous answer', () => {
  const noSuchUpload = { status: 404, code: 'NoSuchUpload' };
  const conflict = { status: 409, code: 'ConditionalRequestConflict' };
  const taken = { status: 412, code: 'PreconditionFailed' };

  async function complete(key: string, size: number, gate: Gate) {
    const storage = storageBehind(gate.endpoint);
    const file = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
    await file.write(Buffer.alloc(size, 'waybill '));
    return file.complete().finally(() => storage.close());
  }

  it.each([noSuchUpload, conflict, taken])(
    'returns the file that is stored when its answer was lost and the next one is $status',
    async (answer) => {
      await using gate = await openGate(s3.endpoint, ['loses the answer', answer], 'completion');
      const key = `lost-${answer.status}`;
      expect(await complete(key, 6 * mib, gate)).toMatchObject({ bytes: 6 * mib });
      expect(gate.tries).toHaveLength(2);
      expect((await direct.head({ bucket, key }))?.bytes).toBe(6 * mib);
    },
  );

  it('returns the file of a single put when its answer was lost and its own object refuses the next try', async () => {
    await using gate = await openGate(s3.endpoint, ['loses the answer', 'passes'], 'put');
    expect(await complete('lost-put', 10, gate)).toMatchObject({ bytes: 10 });
    expect(gate.tries).toHaveLength(2);
  });

  it('fails with a retryable error when the file is not stored', async () => {
    await using gate = await openGate(s3.endpoint, [noSuchUpload], 'completion');
    await expect(complete('not-stored', 6 * mib, gate)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retryable: true,
    });
  });
});

describe('Upload.heldBytes', () => {
  it('counts the part that fills and the parts in flight, until they are sent', async () => {
    await using gate = await openGate(s3.endpoint, ['hangs', 'passes']);
    const storage = storageBehind(gate.endpoint);
    const file = storage.openUpload({
      bucket,
      key: 'held',
      contentType: 'text/csv',
      fileName: 'contacts.csv',
    });
    const written = file.write(Buffer.alloc(6 * mib, 'waybill '));
    expect(file.heldBytes).toBe(6 * mib);
    await written;
    expect(file.heldBytes).toBe(mib);
    await file.complete();
    expect(file.heldBytes).toBe(0);
    storage.close();
  });
});
