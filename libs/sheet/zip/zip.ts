import { crc32, deflateRawSync } from 'node:zlib';
import { ExportError } from '@waybill/errors';

/**
 * The most bytes of an archive, and of an entry before compression: what 32 bits hold (APPNOTE 4.4.8), less room for the
 * central directory.
 */
const MAX_BYTES = 2 ** 32 - 2 ** 20;

const VERSION_DEFLATE = 20;
/** Bit 3: sizes and checksum follow the data. Bit 11: names are UTF-8. */
const FLAGS = 0x0808;
const METHOD_DEFLATE = 8;

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  compressed: number;
  size: number;
  crc: number;
}

/** What is known of an entry after its data. */
export interface EntryEnd {
  /** Bytes before compression. */
  readonly size: number;
  /** CRC-32 of the bytes before compression. */
  readonly crc: number;
}

/**
 * Frames a zip archive in a stream that cannot go back: sizes follow each entry's data in a descriptor, and the central
 * directory comes last. There is no zip64 form: Excel rejects the one that a stream can have, where the local header does
 * not say that 64-bit sizes follow.
 */
export class ZipFrame {
  readonly #emit: (bytes: Buffer) => void;
  readonly #time: number;
  readonly #date: number;
  readonly #maxBytes: number;
  readonly #entries: Entry[] = [];
  #open: Entry | undefined;
  #offset = 0;

  /** `modifiedAt` stamps every entry, in UTC and to two seconds, which is all that a zip can hold. */
  constructor(emit: (bytes: Buffer) => void, modifiedAt: Date, maxBytes: number = MAX_BYTES) {
    this.#emit = emit;
    this.#maxBytes = Math.min(maxBytes, MAX_BYTES);
    const year = Math.min(Math.max(modifiedAt.getUTCFullYear(), 1980), 2107);
    this.#date = ((year - 1980) << 9) | ((modifiedAt.getUTCMonth() + 1) << 5) | modifiedAt.getUTCDate();
    this.#time =
      (modifiedAt.getUTCHours() << 11) |
      (modifiedAt.getUTCMinutes() << 5) |
      (modifiedAt.getUTCSeconds() >> 1);
  }

  /** Starts an entry. Its deflated data follows through `data`. */
  begin(name: string): void {
    const entry: Entry = { name: Buffer.from(name), offset: this.#offset, compressed: 0, size: 0, crc: 0 };
    this.#open = entry;
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x0403_4b50, 0);
    header.writeUInt16LE(VERSION_DEFLATE, 4);
    this.#common(header, 6);
    header.writeUInt16LE(entry.name.length, 26);
    this.#write(header);
    this.#write(entry.name);
  }

  /** Writes deflated data of the open entry. @throws ExportError `EXPORT_FILE_TOO_LARGE` */
  data(deflated: Buffer): void {
    if (this.#offset + deflated.length > this.#maxBytes) throw new ExportError('EXPORT_FILE_TOO_LARGE');
    if (this.#open !== undefined) this.#open.compressed += deflated.length;
    this.#write(deflated);
  }

  /** Ends the open entry with its data descriptor. @throws ExportError `EXPORT_FILE_TOO_LARGE` */
  end({ size, crc }: EntryEnd): void {
    const entry = this.#open;
    if (entry === undefined) return;
    if (size > MAX_BYTES) throw new ExportError('EXPORT_FILE_TOO_LARGE');
    this.#open = undefined;
    entry.size = size;
    entry.crc = crc;
    this.#entries.push(entry);
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(0x0807_4b50, 0);
    descriptor.writeUInt32LE(crc, 4);
    descriptor.writeUInt32LE(entry.compressed, 8);
    descriptor.writeUInt32LE(size, 12);
    this.#write(descriptor);
  }

  /** Writes a small entry at once. */
  add(name: string, content: Buffer, level: number): void {
    this.begin(name);
    this.data(deflateRawSync(content, { level }));
    this.end({ size: content.length, crc: crc32(content) });
  }

  /** Writes the central directory, which completes the archive. */
  finish(): void {
    const start = this.#offset;
    for (const entry of this.#entries) this.#directoryEntry(entry);
    const size = this.#offset - start;
    const record = Buffer.alloc(22);
    record.writeUInt32LE(0x0605_4b50, 0);
    record.writeUInt16LE(this.#entries.length, 8);
    record.writeUInt16LE(this.#entries.length, 10);
    record.writeUInt32LE(size, 12);
    record.writeUInt32LE(start, 16);
    this.#write(record);
  }

  #directoryEntry({ name, offset, compressed, size, crc }: Entry): void {
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x0201_4b50, 0);
    header.writeUInt16LE(VERSION_DEFLATE, 4);
    header.writeUInt16LE(VERSION_DEFLATE, 6);
    this.#common(header, 8);
    header.writeUInt32LE(crc, 16);
    header.writeUInt32LE(compressed, 20);
    header.writeUInt32LE(size, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt32LE(offset, 42);
    this.#write(header);
    this.#write(name);
  }

  /** Writes flags, method, time and date, which local header and directory share. */
  #common(header: Buffer, at: number): void {
    header.writeUInt16LE(FLAGS, at);
    header.writeUInt16LE(METHOD_DEFLATE, at + 2);
    header.writeUInt16LE(this.#time, at + 4);
    header.writeUInt16LE(this.#date, at + 6);
  }

  #write(bytes: Buffer): void {
    this.#offset += bytes.length;
    this.#emit(bytes);
  }
}
