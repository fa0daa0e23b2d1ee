import { crc32, deflateRawSync } from 'node:zlib';

/** From this size or offset on, a zip needs its 64-bit records (APPNOTE 4.4.8, 4.5.3). */
const LIMIT_32 = 0xffff_ffff;
const LIMIT_16 = 0xffff;

const VERSION_DEFLATE = 20;
const VERSION_ZIP64 = 45;
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
 * Frames a zip archive in a stream that cannot go back: sizes follow each entry's data in a descriptor, and the central directory
 * comes last. Entries and archives of 4 GiB and more get the zip64 forms, smaller ones do not, because some readers
 * of spreadsheets reject them.
 */
export class ZipFrame {
  readonly #emit: (bytes: Buffer) => void;
  readonly #time: number;
  readonly #date: number;
  readonly #entries: Entry[] = [];
  #open: Entry | undefined;
  #offset = 0;

  /** `modifiedAt` stamps every entry, in UTC and to two seconds, which is all that a zip can hold. */
  constructor(emit: (bytes: Buffer) => void, modifiedAt: Date) {
    this.#emit = emit;
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

  data(deflated: Buffer): void {
    if (this.#open !== undefined) this.#open.compressed += deflated.length;
    this.#write(deflated);
  }

  /** Ends the open entry with its data descriptor, which has 64-bit sizes only where they are needed. */
  end({ size, crc }: EntryEnd): void {
    const entry = this.#open;
    if (entry === undefined) return;
    this.#open = undefined;
    entry.size = size;
    entry.crc = crc;
    this.#entries.push(entry);
    const wide = isWide(entry);
    const descriptor = Buffer.alloc(wide ? 24 : 16);
    descriptor.writeUInt32LE(0x0807_4b50, 0);
    descriptor.writeUInt32LE(crc, 4);
    if (wide) {
      descriptor.writeBigUInt64LE(BigInt(entry.compressed), 8);
      descriptor.writeBigUInt64LE(BigInt(size), 16);
    } else {
      descriptor.writeUInt32LE(entry.compressed, 8);
      descriptor.writeUInt32LE(size, 12);
    }
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
    const count = this.#entries.length;
    if (start >= LIMIT_32 || size >= LIMIT_32 || count >= LIMIT_16) this.#end64(start, size, count);
    const record = Buffer.alloc(22);
    record.writeUInt32LE(0x0605_4b50, 0);
    record.writeUInt16LE(Math.min(count, LIMIT_16), 8);
    record.writeUInt16LE(Math.min(count, LIMIT_16), 10);
    record.writeUInt32LE(Math.min(size, LIMIT_32), 12);
    record.writeUInt32LE(Math.min(start, LIMIT_32), 16);
    this.#write(record);
  }

  #directoryEntry(entry: Entry): void {
    const { name, offset, compressed, size, crc } = entry;
    const extra = zip64Extra(entry);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x0201_4b50, 0);
    const version = extra.length > 0 ? VERSION_ZIP64 : VERSION_DEFLATE;
    header.writeUInt16LE(version, 4);
    header.writeUInt16LE(version, 6);
    this.#common(header, 8);
    header.writeUInt32LE(crc, 16);
    header.writeUInt32LE(Math.min(compressed, LIMIT_32), 20);
    header.writeUInt32LE(Math.min(size, LIMIT_32), 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt16LE(extra.length, 30);
    header.writeUInt32LE(Math.min(offset, LIMIT_32), 42);
    this.#write(header);
    this.#write(name);
    this.#write(extra);
  }

  #end64(start: number, size: number, count: number): void {
    const at = this.#offset;
    const record = Buffer.alloc(76);
    record.writeUInt32LE(0x0606_4b50, 0);
    record.writeBigUInt64LE(44n, 4);
    record.writeUInt16LE(VERSION_ZIP64, 12);
    record.writeUInt16LE(VERSION_ZIP64, 14);
    record.writeBigUInt64LE(BigInt(count), 24);
    record.writeBigUInt64LE(BigInt(count), 32);
    record.writeBigUInt64LE(BigInt(size), 40);
    record.writeBigUInt64LE(BigInt(start), 48);
    record.writeUInt32LE(0x0706_4b50, 56);
    record.writeBigUInt64LE(BigInt(at), 64);
    record.writeUInt32LE(1, 72);
    this.#write(record);
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

function isWide({ compressed, size }: Entry): boolean {
  return compressed >= LIMIT_32 || size >= LIMIT_32;
}

/** Returns the 64-bit values of exactly those fields that are full in the directory entry (APPNOTE 4.5.3). */
function zip64Extra({ size, compressed, offset }: Entry): Buffer {
  const values = [size, compressed, offset].filter((value) => value >= LIMIT_32);
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  values.forEach((value, at) => extra.writeBigUInt64LE(BigInt(value), 4 + at * 8));
  return extra;
}
