import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { contactAt } from './contacts.ts';
import { writeXlsx } from './waybill.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Rows of a batch, about 512 KiB of JSON as resolver cuts them. */
const BATCH_ROWS = 700;
const PAUSE_MS = 5;
/** As libs/batch-payload has it. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Writes several files at the same time in one process, and meanwhile decompresses batches as render does, to measure how
 * long a batch waits for a thread.
 * @returns the bytes of the files and the waits in milliseconds.
 */
export async function writeTogether(
  writers: number,
  { rows, level }: { readonly rows: number; readonly level: number },
): Promise<{ readonly bytes: number; readonly zstdMs: readonly number[] }> {
  const batch = await compress(JSON.stringify(Array.from({ length: BATCH_ROWS }, (_, at) => contactAt(at))));
  const zstdMs: number[] = [];
  let isWriting = true;

  async function openBatches(): Promise<void> {
    while (isWriting) {
      const start = performance.now();
      await decompress(batch, { chunkSize: CHUNK_BYTES });
      zstdMs.push(performance.now() - start);
      await delay(PAUSE_MS);
    }
  }

  const opening = openBatches();
  const files: Promise<number>[] = [];
  for (let writer = 0; writer < writers; writer++) {
    files.push(writeXlsx(rows, level));
    // Jobs start with messages of their own.
    await setImmediate();
  }
  const sizes = await Promise.all(files);
  isWriting = false;
  await opening;
  return { bytes: sizes.reduce((sum, bytes) => sum + bytes, 0), zstdMs };
}
