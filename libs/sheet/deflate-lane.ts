import { constants, createDeflateRaw } from 'node:zlib';

/** Output that zlib fills before it asks for more; shared by pieces, so that no more is allocated than comes out. */
const CHUNK_BYTES = 64 * 1024;

/** What a full flush ends with: an empty stored block (RFC 1951 §3.2.4). */
const FLUSH_MARK = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Called with the compressed piece, or with what went wrong. */
export type Compressed = (error: Error | null, bytes: Buffer) => void;

/** Compresses pieces one after another, each on its own: no piece refers to another one. */
export interface Lane {
  compress(piece: Buffer, done: Compressed): void;
  close(): void;
}

/**
 * A lane on one of libuv's threads. One deflate state is used for all its pieces: it is forgotten at the end of each by a full
 * flush, which costs less than making one per piece and leaves nothing for the garbage collector.
 */
export function deflateLane(level: number): Lane {
  const stream = createDeflateRaw({ level, chunkSize: CHUNK_BYTES, flush: constants.Z_FULL_FLUSH });
  let chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A failure comes by the callback of write as well.
  stream.on('error', () => undefined);

  function compress(piece: Buffer, done: Compressed): void {
    stream.write(piece, (error) => {
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      chunks = [];
      if (error) done(error, bytes);
      else if (bytes.subarray(-FLUSH_MARK.length).equals(FLUSH_MARK)) done(null, bytes);
      else done(new Error('zlib called back before the piece was complete'), bytes);
    });
  }

  return { compress, close: () => stream.destroy() };
}
