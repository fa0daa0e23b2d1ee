import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { silentLogger } from '@waybill/observability';
import { sharedAddresses, startServer, uniqueName, type Addresses } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorage, type Storage, type UploadOptions } from './index.ts';

const mib = 1024 * 1024;
const bucket = uniqueName('storage').toLowerCase();
const storage = storageAt(sharedAddresses().s3);

function storageAt(s3: Addresses['s3']): Storage {
  return createStorage({ ...s3, partBytes: 5 * mib, logger: silentLogger() });
}

function upload(key: string, more: Partial<UploadOptions> = {}): UploadOptions {
  return { bucket, key, contentType: 'text/csv; charset=utf-8', fileName: 'contacts.csv', ...more };
}

async function unfinished(key: string, at: Storage = storage): Promise<number> {
  let count = 0;
  for await (const found of at.listUploads(bucket)) count += found.key === key ? 1 : 0;
  return count;
}

function bytesOf(length: number): Buffer {
  return Buffer.alloc(length, 'waybill ');
}

beforeAll(() => storage.ensureBucket(bucket));
afterAll(() => storage.close());

describe('an upload', () => {
  it('an upload stores a small file with its type, name and metadata, and returns its size and hash', async () => {
    const file = storage.openUpload(
      upload('small', { fileName: 'kontak – Ülkü.csv', metadata: { job: 'j1' } }),
    );
    await file.write(Buffer.from('a,b\r\n'));
    await file.write(Buffer.from('1,2\r\n'));
    const done = await file.complete();

    expect(done).toEqual({ bytes: 10, sha256: createHash('sha256').update('a,b\r\n1,2\r\n').digest('hex') });
    expect((await buffer(await storage.read({ bucket, key: 'small' }))).toString()).toBe('a,b\r\n1,2\r\n');
    const head = await storage.head({ bucket, key: 'small' });
    expect(head).toMatchObject({
      bytes: 10,
      contentType: 'text/csv; charset=utf-8',
      metadata: { job: 'j1' },
    });
    expect(head?.contentDisposition).toContain("filename*=UTF-8''kontak%20%E2%80%93%20%C3%9Clk%C3%BC.csv");
  });

  it('an upload stores an empty file', async () => {
    expect((await storage.openUpload(upload('empty')).complete()).bytes).toBe(0);
    expect((await storage.head({ bucket, key: 'empty' }))?.bytes).toBe(0);
  });

  it('an upload sends a large file as several parts without a change to its bytes', async () => {
    const content = bytesOf(13 * mib + 17);
    const file = storage.openUpload(upload('large'));
    for (let at = 0; at < content.length; at += 300_000) await file.write(content.subarray(at, at + 300_000));
    const done = await file.complete();

    expect(done.bytes).toBe(content.length);
    const back = await buffer(await storage.read({ bucket, key: 'large' }));
    expect(createHash('sha256').update(back).digest('hex')).toBe(done.sha256);
    expect(await unfinished('large')).toBe(0);
  });

  it.each([
    ['single put', 10],
    ['multipart', 6 * mib],
  ])('an upload does not overwrite a file by a %s', async (_, size) => {
    const key = `taken-${size}`;
    const first = storage.openUpload(upload(key));
    await first.write(bytesOf(size));
    await first.complete();
    const second = storage.openUpload(upload(key));
    await second.write(bytesOf(size));
    await expect(second.complete()).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: false });
    await second.abort();
    expect(await unfinished(key)).toBe(0);
  });

  it('an aborted upload leaves neither a file nor parts', async () => {
    const file = storage.openUpload(upload('aborted'));
    await file.write(bytesOf(11 * mib));
    expect(await unfinished('aborted')).toBe(1);
    await file.abort();
    expect(await unfinished('aborted')).toBe(0);
    expect(await storage.head({ bucket, key: 'aborted' })).toBeUndefined();
    await expect(file.write(bytesOf(1))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('an upload ends when its signal is aborted', async () => {
    const controller = new AbortController();
    const file = storage.openUpload(upload('signalled', { signal: controller.signal }));
    await file.write(bytesOf(6 * mib));
    controller.abort(new Error('cancelled'));
    await expect(file.write(bytesOf(6 * mib))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await file.abort();
    expect(await unfinished('signalled')).toBe(0);
  });
});

describe('a signed address', () => {
  const sign = (key: string, expiresInSeconds = 60): Promise<string> =>
    storage.presignDownload({
      bucket,
      key,
      fileName: 'kontak é.csv',
      contentType: 'text/csv; charset=utf-8',
      expiresInSeconds,
    });

  beforeAll(async () => {
    const file = storage.openUpload(upload('signed'));
    await file.write(Buffer.from('0123456789'));
    await file.complete();
  });

  it('a signed address returns the file with its name and type, and ranges of it', async () => {
    const answer = await fetch(await sign('signed'));
    expect(await answer.text()).toBe('0123456789');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toContain("filename*=UTF-8''kontak%20%C3%A9.csv");

    const range = await fetch(await sign('signed'), { headers: { range: 'bytes=2-4' } });
    expect([range.status, await range.text()]).toEqual([206, '234']);
  });

  it('a signed address is rejected if it was changed or never signed', async () => {
    const address = new URL(await sign('signed'));
    address.pathname = address.pathname.replace('signed', 'large');
    expect((await fetch(address)).status).toBe(403);
    address.search = '';
    expect((await fetch(address)).status).toBe(403);
  });

  it('a signed address is rejected after it has expired', async () => {
    const address = new URL(await sign('signed', 1));
    // Waits for the clock of the storage, which counts whole seconds.
    await expect.poll(async () => (await fetch(address)).status, { timeout: 5_000, interval: 200 }).toBe(403);
  });
});

describe('a storage that is unavailable', () => {
  it('an upload fails with a retryable error, and is found unfinished and aborted after the storage returns', async () => {
    await using server = await startServer('s3');
    const lonely = storageAt(server.addresses.s3);
    await lonely.ensureBucket(bucket);
    const file = lonely.openUpload(upload('interrupted'));
    await file.write(bytesOf(6 * mib));
    await expect.poll(() => unfinished('interrupted', lonely), { timeout: 10_000 }).toBe(1);
    await server.stop('hard');

    await expect(
      (async () => {
        for (let part = 0; part < 4; part += 1) await file.write(bytesOf(6 * mib));
      })(),
    ).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryable: true });
    await expect(lonely.ping(bucket)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });

    await server.start();
    expect(await unfinished('interrupted', lonely)).toBe(1);
    for await (const found of lonely.listUploads(bucket)) await lonely.abortUpload(bucket, found);
    expect(await unfinished('interrupted', lonely)).toBe(0);
    lonely.close();
  });

  it('the check of a missing bucket fails with the name of the bucket', async () => {
    await expect(storage.ping('no-such-bucket')).rejects.toThrow('no-such-bucket');
  });
});

describe('the objects of a bucket', () => {
  it('objects are listed by prefix, and removing them twice succeeds', async () => {
    for (const key of ['list/a', 'list/b', 'other/c']) await storage.openUpload(upload(key)).complete();
    const listed = async (): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of storage.list(bucket, 'list/')) keys.push(key);
      return keys;
    };
    expect(await listed()).toEqual(['list/a', 'list/b']);
    await storage.remove({ bucket, key: 'list/a' });
    await storage.remove({ bucket, key: 'list/a' });
    expect(await listed()).toEqual(['list/b']);
  });
});
