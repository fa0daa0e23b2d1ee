import { crc32, inflateRawSync } from 'node:zlib';

/** One entry of the central directory. */
export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
  /** DOS date and time as stored. */
  readonly stamp: number;
}

/**
 * The entries of a zip archive in memory, by its central directory, as spreadsheet programs read it.
 * @throws Error when a size or a checksum is not what the directory says.
 */
export function unzip(archive: Buffer): readonly ZipEntry[] {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('no end of central directory');
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let count = archive.readUInt16LE(end + 10); count > 0; count--) {
    const nameLength = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      content: contentOf(archive, at),
      stamp: archive.readUInt32LE(at + 12),
    });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf(archive: Buffer, directoryEntry: number): Buffer {
  const crc = archive.readUInt32LE(directoryEntry + 16);
  const compressed = archive.readUInt32LE(directoryEntry + 20);
  const size = archive.readUInt32LE(directoryEntry + 24);
  const local = archive.readUInt32LE(directoryEntry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const content = inflateRawSync(archive.subarray(start, start + compressed));
  if (content.length !== size) throw new Error(`${content.length} bytes where the directory says ${size}`);
  if (crc32(content) !== crc) throw new Error('checksum differs');
  return content;
}
