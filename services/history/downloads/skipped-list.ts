import { createInterface } from 'node:readline';
import { ExportError } from '@waybill/errors';
import { skippedListKey, type Storage } from '@waybill/object-storage';
import { statusOf, type EntryDocument } from '../entries/entry.ts';

export interface SkippedPage {
  readonly ids: readonly string[];
  /** Position of the next page; undefined on the last one. */
  readonly next: number | undefined;
}

export interface SkippedRequest {
  readonly limit: number;
  /** Position in the list of the first id. */
  readonly from: number;
  readonly now: Date;
}

/**
 * Returns a page of the ids of the contacts that an export skipped, in the order of its selection. Render stores the
 * list next to the file, so it exists as long as the file.
 * @throws ExportError EXPORT_WITHOUT_FILE, EXPORT_EXPIRED; STORAGE_UNAVAILABLE while storage cannot be reached.
 */
export async function readSkipped(
  storage: Pick<Storage, 'head' | 'read'>,
  entry: EntryDocument,
  { limit, from, now }: SkippedRequest,
): Promise<SkippedPage> {
  const { file, receipt } = entry;
  const status = statusOf(entry, now);
  if (status === 'expired') throw new ExportError('EXPORT_EXPIRED');
  if (file === null || receipt === null) throw withoutFile(status);
  if (receipt.skipped === 0) return { ids: [], next: undefined };
  const address = { bucket: file.bucket, key: skippedListKey(file.key) };
  if ((await storage.head(address)) === undefined) throw withoutFile(status);
  const ids = await linesOf(await storage.read(address), from, limit);
  return { ids, next: from + ids.length < receipt.skipped ? from + ids.length : undefined };
}

function withoutFile(status: string): ExportError {
  return new ExportError('EXPORT_WITHOUT_FILE', { params: { job_status: status } });
}

/** Reads lines, each a JSON text, and no further than needed. */
async function linesOf(
  input: Awaited<ReturnType<Storage['read']>>,
  from: number,
  limit: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  let position = 0;
  try {
    for await (const line of createInterface({ input })) {
      if (position >= from) found.push(String(JSON.parse(line)));
      position += 1;
      if (found.length === limit) break;
    }
  } finally {
    input.destroy();
  }
  return found;
}
