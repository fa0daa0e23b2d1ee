import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directories = new Set<string>();

/** Of a process that ends in the middle of a start; the watchers of the servers that run already do the rest. */
function removeAll(): void {
  for (const directory of directories) {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // A server still writes into it, and its watcher removes it.
    }
  }
}

export interface PlaceForData {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** A new directory, which is removed when this process exits, if not before. */
export async function makeTemporaryDirectory(): Promise<PlaceForData> {
  const path = await mkdtemp(join(tmpdir(), 'waybill-'));
  if (directories.size === 0) process.once('exit', removeAll);
  directories.add(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      directories.delete(path);
      if (directories.size === 0) process.off('exit', removeAll);
    },
  };
}
