import { LRUCache } from 'lru-cache';
import type { ChunkReference } from './resolution.ts';

/** The part of a range of positions that is in one chunk. */
export interface ChunkSlice {
  readonly id: string;
  /** Inclusive, within the chunk. */
  readonly from: number;
  /** Exclusive, within the chunk. */
  readonly to: number;
}

/** Returns the slices of chunks that hold the positions `from` (inclusive) to `to` (exclusive) of the list, in order. */
export function slicesOf(chunks: readonly ChunkReference[], from: number, to: number): readonly ChunkSlice[] {
  const slices: ChunkSlice[] = [];
  let start = 0;
  for (const { id, count } of chunks) {
    const slice = { id, from: Math.max(0, from - start), to: Math.min(count, to - start) };
    if (slice.from < slice.to) slices.push(slice);
    start += count;
  }
  return slices;
}

export interface FrozenList {
  /** Returns the ids at the positions `from` (inclusive) to `to` (exclusive). */
  ids(from: number, to: number): Promise<readonly string[]>;
}

/** Chunks in memory: the reads in flight may need two. */
const heldChunks = 2;

export function createFrozenList(
  chunks: readonly ChunkReference[],
  load: (id: string) => Promise<readonly string[]>,
): FrozenList {
  const held = new LRUCache<string, Promise<readonly string[]>>({ max: heldChunks });

  function chunk(id: string): Promise<readonly string[]> {
    const known = held.get(id);
    if (known !== undefined) return known;
    const loading = load(id);
    held.set(id, loading);
    // A failed load is not kept. Its callers receive the failure.
    loading.catch(() => held.delete(id));
    return loading;
  }

  return {
    async ids(from, to) {
      const slices = slicesOf(chunks, from, to);
      const loaded = await Promise.all(
        slices.map(async (slice) => (await chunk(slice.id)).slice(slice.from, slice.to)),
      );
      return loaded.flat();
    },
  };
}
