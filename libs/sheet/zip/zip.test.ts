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

/** A view that claims to be a gigabyte long. Its bytes are never read or kept. */
const gigabyte = Object.defineProperty(Buffer.alloc(0), 'length', { value: 2 ** 30 });

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

  it('writes sizes and offsets near 4 GiB in 32 bits', () => {
    const emitted: Buffer[] = [];
    const zip = new ZipFrame((bytes) => {
      if (bytes !== gigabyte) emitted.push(bytes);
    }, STAMP);
    zip.begin('large.xml');
    for (let part = 0; part < 3; part++) zip.data(gigabyte);
    zip.end({ size: 4_000_000_000, crc: 0 });
    zip.add('b', Buffer.from('b'), 6);
    zip.finish();
    const bytes = Buffer.concat(emitted);
    const directory = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    expect(bytes.readUInt16LE(directory + 6)).toBe(20);
    expect(bytes.readUInt32LE(directory + 20)).toBe(3 * 2 ** 30);
    expect(bytes.readUInt32LE(directory + 24)).toBe(4_000_000_000);
    expect(bytes.readUInt16LE(directory + 30)).toBe(0);
    const second = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    expect(bytes.readUInt32LE(second + 42)).toBeGreaterThan(3 * 2 ** 30);
  });

  it('throws before an archive reaches 4 GiB', () => {
    const zip = new ZipFrame(() => undefined, STAMP);
    zip.begin('a');
    for (let part = 0; part < 3; part++) zip.data(gigabyte);
    expect(() => zip.data(gigabyte)).toThrow(expect.objectContaining({ code: 'EXPORT_FILE_TOO_LARGE' }));
  });

  it('throws for an entry that has 4 GiB before compression', () => {
    const zip = new ZipFrame(() => undefined, STAMP);
    zip.begin('a');
    expect(() => zip.end({ size: 2 ** 32, crc: 0 })).toThrow(
      expect.objectContaining({ code: 'EXPORT_FILE_TOO_LARGE' }),
    );
  });
});
