import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartBuffer } from './part-buffer.ts';

describe('the part buffer', () => {
  it('the part buffer returns every byte in order, in full parts and one remainder, for any sizes of chunks', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 40 }), (chunkList, size) => {
        const buffer = new PartBuffer(size);
        const full = chunkList.flatMap((chunk) => buffer.add(chunk));
        const rest = buffer.rest();
        expect(full.every((part) => part.length === size)).toBe(true);
        expect(rest.length).toBeLessThan(size);
        expect(Buffer.concat([...full, rest])).toEqual(Buffer.concat(chunkList));
      }),
    );
  });

  it('the part buffer does not change a part that it has returned', () => {
    const buffer = new PartBuffer(2);
    const [first] = buffer.add(Buffer.from('ab'));
    buffer.add(Buffer.from('cd'));
    expect(first?.toString()).toBe('ab');
  });
});
