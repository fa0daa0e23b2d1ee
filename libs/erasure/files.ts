import type { Storage } from '@waybill/object-storage';

export interface FileParts {
  readonly storage: Pick<Storage, 'list' | 'remove' | 'listUploads' | 'abortUpload'>;
  /** The bucket of every region: a file may lie in any of them. */
  readonly buckets: readonly string[];
}

/** Where the files of a company, or of one of its jobs, lie: every attempt and every epoch, also those that lost. */
export function filesPrefixOf(companyId: string, jobId?: string): string {
  const company = `private/exports/${encodeURIComponent(companyId)}/`;
  return jobId === undefined ? company : `${company}${jobId}/`;
}

/** Removes objects and gives up unfinished uploads. Returns how many there were. */
export async function removeFiles(parts: FileParts, prefixes: readonly string[]): Promise<number> {
  let removed = 0;
  for await (const file of filesUnder(parts, prefixes)) {
    await file.remove();
    removed += 1;
  }
  return removed;
}

/** Objects and unfinished uploads. */
export async function countFiles(parts: FileParts, prefixes: readonly string[]): Promise<number> {
  return (await Array.fromAsync(filesUnder(parts, prefixes))).length;
}

interface FoundFile {
  remove(): Promise<void>;
}

async function* filesUnder(
  { storage, buckets }: FileParts,
  prefixes: readonly string[],
): AsyncGenerator<FoundFile> {
  if (prefixes.length === 0) return;
  for (const bucket of buckets) {
    for (const prefix of prefixes) {
      for await (const { key } of storage.list(bucket, prefix)) {
        yield { remove: () => storage.remove({ bucket, key }) };
      }
    }
    // Storage lists uploads of a bucket only, whatever they are of.
    for await (const upload of storage.listUploads(bucket)) {
      if (!prefixes.some((prefix) => upload.key.startsWith(prefix))) continue;
      yield { remove: () => storage.abortUpload(bucket, upload) };
    }
  }
}
