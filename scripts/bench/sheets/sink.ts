import { Writable } from 'node:stream';

/** Counts the bytes of a file and drops them, so that the measurement does not depend on a disk. */
export class CountingSink extends Writable {
  bytes = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytes += chunk.length;
    done();
  }
}
