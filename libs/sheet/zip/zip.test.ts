import { describe, expect, it } from 'vitest';
import { unzip } from '@waybill/fixtures';
import { ZipFrame } from './zip.ts';

const STAMP = new Date('2026-11-24T03:49:45Z');

function archive(build: (zip: ZipFrame) => void, modifiedAt = STAMP): Buffer {
  const emitted: Buffer[] = [];
  const zip = new ZipFrame((bytes) => emitted.push(bytes), modifiedAt);
  build(zip);
  zip.finish();
  return Buffer.concat(emitted);
}

/** Returns an archive whose entry claims a larger size than it has. */
function claiming(size: number): Buffer {
  return archive((zip) => {
    zip.begin('large.xml');
    zip.data(Buffer.from([0x03, 0x00]));
    zip.end({ size, crc: 0 });
  });
}

const position = (bytes: Buffer, signature: string) => bytes.indexOf(Buffer.from(signature, 'latin1'));

describe('ZipFrame', () => {
  it('writes entries in order, with their names and contents', () => {
    const bytes = archive((zip) => {
      zip.add('a.xml', Buffer.from('<a/>'), 6);
      zip.add('folder/é.xml', Buffer.from('x'.repeat(10_000)), 6);
    });
    expect(unzip(bytes).map(({ name, content }) => [name, content.length])).toEqual([
      ['a.xml', 4],
      ['folder/é.xml', 10_000],
    ]);
  });

  it('stamps entries with the given time in UTC, to two seconds', () => {
    const [entry] = unzip(archive((zip) => zip.add('a', Buffer.from(''), 6)));
    const date = ((2026 - 1980) << 9) | (11 << 5) | 24;
    const time = (3 << 11) | (49 << 5) | 22;
    expect(entry?.stamp).toBe(date * 65_536 + time);
  });

  it.each([
    ['1970-01-01T00:00:00Z', 1980],
    ['2200-01-01T00:00:00Z', 2107],
  ])('stamps %s with the nearest year that a zip can hold', (time, year) => {
    const [entry] = unzip(archive((zip) => zip.add('a', Buffer.from(''), 6), new Date(time)));
    expect(((entry?.stamp ?? 0) >>> 25) + 1980).toBe(year);
  });

  it('writes no 64-bit records while everything is below 4 GiB, because some readers reject them', () => {
    const bytes = claiming(0xffff_fffe);
    expect(position(bytes, 'PK\x06\x06')).toBe(-1);
    const directory = position(bytes, 'PK\x01\x02');
    expect(bytes.readUInt16LE(directory + 6)).toBe(20);
    expect(bytes.readUInt32LE(directory + 24)).toBe(0xffff_fffe);
    expect(bytes.readUInt16LE(directory + 30)).toBe(0);
  });

  it.each([0xffff_ffff, 5 * 2 ** 30])(
    'writes a 64-bit descriptor and directory entry for %i bytes',
    (size) => {
      const bytes = claiming(size);
      const descriptor = position(bytes, 'PK\x07\x08');
      expect(bytes.readBigUInt64LE(descriptor + 8)).toBe(2n);
      expect(bytes.readBigUInt64LE(descriptor + 16)).toBe(BigInt(size));
      const directory = position(bytes, 'PK\x01\x02');
      expect(bytes.readUInt16LE(directory + 6)).toBe(45);
      expect(bytes.readUInt32LE(directory + 20)).toBe(2);
      expect(bytes.readUInt32LE(directory + 24)).toBe(0xffff_ffff);
      const extra = directory + 46 + 'large.xml'.length;
      expect(bytes.readUInt16LE(extra)).toBe(1);
      expect(bytes.readUInt16LE(extra + 2)).toBe(8);
      expect(bytes.readBigUInt64LE(extra + 4)).toBe(BigInt(size));
    },
  );

  it('writes a 64-bit end record where the directory starts beyond 4 GiB', () => {
    // A view that only says how long it is: nothing of it is ever read or kept.
    const gigabyte = Object.defineProperty(Buffer.alloc(0), 'length', { value: 2 ** 30 });
    const emitted: Buffer[] = [];
    const zip = new ZipFrame((bytes) => {
      if (bytes !== gigabyte) emitted.push(bytes);
    }, STAMP);
    zip.begin('a');
    for (let part = 0; part < 5; part++) zip.data(gigabyte);
    zip.end({ size: 1, crc: 0 });
    zip.add('b', Buffer.from('b'), 6);
    zip.finish();
    const bytes = Buffer.concat(emitted);
    const end64 = position(bytes, 'PK\x06\x06');
    expect(bytes.readBigUInt64LE(end64 + 32)).toBe(2n);
    const start = bytes.readBigUInt64LE(end64 + 48);
    expect(start).toBeGreaterThan(5n * 2n ** 30n);
    const size = bytes.readBigUInt64LE(end64 + 40);
    const locator = position(bytes, 'PK\x06\x07');
    expect(bytes.readBigUInt64LE(locator + 8)).toBe(start + size);
    const end = position(bytes, 'PK\x05\x06');
    expect(bytes.readUInt32LE(end + 16)).toBe(0xffff_ffff);
    // The second entry starts beyond 4 GiB too, so its directory entry has a 64-bit offset.
    const second = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    expect(bytes.readUInt32LE(second + 42)).toBe(0xffff_ffff);
    expect(bytes.readBigUInt64LE(second + 46 + 1 + 4)).toBeGreaterThan(5n * 2n ** 30n);
  });
});
