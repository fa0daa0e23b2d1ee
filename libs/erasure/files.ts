import { installationPrefix, type Storage } from '@waybill/object-storage';

export interface FileDeps {
  readonly storage: Pick<Storage, 'list' | 'remove' | 'listUploads' | 'abortUpload'>;
  /** The bucket of every region: a file can be in any of them. */
  readonly buckets: readonly string[];
  /** The id of this installation: only its files are found. */
  readonly installation: string;
}

/** Returns the key prefix of a company's files, or of one job's: every attempt and every epoch, superseded ones included. */
export function filesPrefixOf(
  { installation }: Pick<FileDeps, 'installation'>,
  companyId: string,
  jobId?: string,
): string {
  const company = `${installationPrefix(installation)}${encodeURIComponent(companyId)}/`;
  return jobId === undefined ? company : `${company}${jobId}/`;
}

/** Removes objects and aborts unfinished uploads under the prefixes. Returns how many there were. */
export async function removeFiles(deps: FileDeps, prefixes: readonly string[]): Promise<number> {
  let removed = 0;
  for await (const file of filesUnder(deps, prefixes)) {
    await file.remove();
    removed += 1;
  }
  return removed;
}

/** Counts objects and unfinished uploads under the prefixes. */
export async function countFiles(deps: FileDeps, prefixes: readonly string[]): Promise<number> {
  return (await Array.fromAsync(filesUnder(deps, prefixes))).length;
}

/** Returns the ids of the jobs that have objects or unfinished uploads of a company. */
export async function jobsWithFiles(deps: FileDeps, companyId: string): Promise<readonly string[]> {
  const prefix = filesPrefixOf(deps, companyId);
  const ids = new Set<string>();
  for await (const { key } of filesUnder(deps, [prefix])) {
    const [id = ''] = key.slice(prefix.length).split('/', 1);
    ids.add(id);
  }
  return [...ids];
}

interface FoundFile {
  readonly key: string;
  remove(): Promise<void>;
}

async function* filesUnder(
  { storage, buckets }: FileDeps,
  prefixes: readonly string[],
): AsyncGenerator<FoundFile> {
  if (prefixes.length === 0) return;
  for (const bucket of buckets) {
    for (const prefix of prefixes) {
      for await (const { key } of storage.list(bucket, prefix)) {
        yield { key, remove: () => storage.remove({ bucket, key }) };
      }
    }
    // Storage lists unfinished uploads of a whole bucket only, so we filter them here.
    for await (const upload of storage.listUploads(bucket)) {
      if (!prefixes.some((prefix) => upload.key.startsWith(prefix))) continue;
      yield { key: upload.key, remove: () => storage.abortUpload(bucket, upload) };
    }
  }
}
