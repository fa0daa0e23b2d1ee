import { sampleProgress } from '@waybill/fixtures';
import type { Port } from './port.ts';

/**
 * Returns keys of export.progress on different partitions, by partition. It finds them by sending one event for each of
 * many keys, so the first offsets of every partition are theirs.
 */
export async function keysByPartition(port: Port, count: number): Promise<ReadonlyMap<number, string>> {
  const candidates = Array.from({ length: 40 }, (_, index) => `key-${index}`);
  await Promise.all(candidates.map((key) => port.producer.send('export.progress', sampleProgress(key, 0))));
  const found = new Map<number, string>();
  for (const { key, partition } of await port.raw.read('export.progress')) {
    if (!found.has(partition) && found.size < count) found.set(partition, key);
  }
  if (found.size < count) throw new Error(`40 keys are on only ${found.size} partitions`);
  return found;
}
