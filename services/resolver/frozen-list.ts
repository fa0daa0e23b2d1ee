import type { ChunkReference } from './resolution.ts';

/** Where a range of positions lies in one chunk. */
export interface ChunkPart {
  readonly id: string;
  /** Inclusive, within the chunk. */
  readonly from: number;
  /** Exclusive, within the chunk. */
  readonly to: number;
}

/** The parts of the chunks that hold the positions `from` (inclusive) to `to` (exclusive) of the whole list, in order. */
export function partsOf(chunks: readonly ChunkReference[], from: number, to: number): readonly ChunkPart[] {
  const parts: ChunkPart[] = [];
  let start = 0;
  for (const { id, count } of chunks) {
    const part = { id, from: Math.max(0, from - start), to: Math.min(count, to - start) };
    if (part.from < part.to) parts.push(part);
    start += count;
  }
  return parts;
}

/** Ids of the frozen list by position. */
export interface FrozenList {
  ids(from: number, to: number): Promise<readonly string[]>;
}

/** Chunks that are held: reads in flight may straddle two. */
const heldChunks = 2;

export function createFrozenList(
  chunks: readonly ChunkReference[],
  load: (id: string) => Promise<readonly string[]>,
): FrozenList {
  const held = new Map<string, Promise<readonly string[]>>();

  function chunk(id: string): Promise<readonly string[]> {
    const known = held.get(id);
    if (known !== undefined) return known;
    const loading = load(id);
    held.set(id, loading);
    // A failed load is not kept; whoever asked for it sees the failure.
    loading.catch(() => held.delete(id));
    const [oldest] = held.keys();
    if (held.size > heldChunks && oldest !== undefined) held.delete(oldest);
    return loading;
  }

  return {
    async ids(from, to) {
      const parts = partsOf(chunks, from, to);
      const loaded = await Promise.all(
        parts.map(async (part) => (await chunk(part.id)).slice(part.from, part.to)),
      );
      return loaded.flat();
    },
  };
}
