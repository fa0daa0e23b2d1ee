import { Writable } from 'node:stream';

/** Takes a file's bytes and keeps none: what is measured is the writer, not a disk. */
export class CountingSink extends Writable {
  bytes = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytes += chunk.length;
    done();
  }
}
