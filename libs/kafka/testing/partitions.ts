import type { Port } from './port.ts';
import { progress } from './sample-events.ts';

/**
 * Keys of export.progress that lie on different partitions, with the partition of each: found by sending one event for
 * each of many keys, so offset 0 onwards of every partition is taken by them.
 */
export async function keysByPartition(port: Port, count: number): Promise<ReadonlyMap<number, string>> {
  const candidates = Array.from({ length: 40 }, (_, index) => `key-${index}`);
  await Promise.all(candidates.map((key) => port.producer.send('export.progress', progress(key, 0))));
  const found = new Map<number, string>();
  for (const { key, partition } of await port.raw.read('export.progress')) {
    if (!found.has(partition) && found.size < count) found.set(partition, key);
  }
  if (found.size < count) throw new Error(`40 keys lie on ${found.size} partitions only`);
  return found;
}
