import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteSink } from '../byte-sink.ts';
import { cutToCell, hasOuterSpace, putXmlText, xmlText } from './text.ts';

function encode(text: string): { xml: string; replaced: number } {
  const sink = new ByteSink(16);
  putXmlText(sink, text);
  return { xml: sink.bytes.toString('utf8', 0, sink.length), replaced: sink.replaced };
}

/** Decodes as a reader does: references first, then the escapes of ST_Xstring. */
function decode(xml: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', '#13': '\r' };
  return xml
    .replace(/&([^;]+);/g, (_, name: string) => names[name] ?? '?')
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Replaces everything that XML 1.0 or UTF-8 cannot hold. */
function permitted(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
}

/** Texts of all kinds of code units: lone surrogates, controls, and what looks like escapes. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        '_',
        'x',
        '_x',
        '0041',
        '005F',
        '_x0041_',
        '&',
        '<',
        '>',
        '\r',
        '\n',
        '\t',
        '\ud83d',
        '\ude00',
        '\0',
        'é',
        '漢',
      ),
    )
    .map((pieces) => pieces.join('')),
);

describe('putXmlText', () => {
  it('writes text that reads back as itself, with U+FFFD for what XML forbids', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(decode(encode(text).xml)).toBe(permitted(text));
      }),
    );
  });

  it('counts every character that it replaces', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const differing = Array.from(text).filter((character) => permitted(character) !== character);
        expect(encode(text).replaced).toBe(differing.length);
      }),
    );
  });

  it('writes no character that XML 1.0 forbids, and no bare CR', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(encode(text).xml).not.toMatch(/[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]|[<>]/);
      }),
    );
  });

  it.each([
    ['_x0041_', '_x005F_x0041_'],
    ['_x0041_x0042_', '_x005F_x0041_x005F_x0042_'],
    ['_X0041_', '_X0041_'],
    ['_x004_', '_x004_'],
    ['__x005F_', '__x005F_x005F_'],
    ['a_b', 'a_b'],
  ])('writes %s as %s', (text, xml) => {
    expect(encode(text)).toEqual({ xml, replaced: 0 });
  });

  it('reserves room for a text that is all escapes', () => {
    expect(encode('_x0000_'.repeat(10_000)).xml).toBe('_x005F_x0000_'.repeat(10_000));
  });
});

describe('cutToCell', () => {
  it('returns a text of 32,767 characters unchanged', () => {
    const text = 'x'.repeat(32_767);
    expect(cutToCell(text)).toBe(text);
  });

  it('cuts before a surrogate pair that the limit would split', () => {
    const text = `${'x'.repeat(32_766)}😀`;
    expect(cutToCell(text)).toBe('x'.repeat(32_766));
  });

  it('keeps a surrogate pair that ends at the limit', () => {
    const text = `${'x'.repeat(32_765)}😀y`;
    expect(cutToCell(text)).toBe(`${'x'.repeat(32_765)}😀`);
  });

  it('never makes a lone surrogate, and keeps as much as fits, for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.nat(4), (end, before) => {
        const text = 'x'.repeat(32_767 - before) + end.toWellFormed();
        const cut = cutToCell(text);
        expect(cut.isWellFormed()).toBe(true);
        expect(text.startsWith(cut)).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(32_767);
        expect(cut.length).toBeGreaterThanOrEqual(Math.min(text.length, 32_766));
      }),
    );
  });

  it('keeps a lone surrogate that the text already had', () => {
    const text = `${'x'.repeat(32_766)}\ud83dyy`;
    expect(cutToCell(text)).toBe(`${'x'.repeat(32_766)}\ud83d`);
  });
});

describe('hasOuterSpace', () => {
  it.each([' a', 'a ', '\ta', 'a\n', '\ra', ' '])('returns true for %j', (text) => {
    expect(hasOuterSpace(text)).toBe(true);
  });

  it.each(['a', 'a b', ''])('returns false for %j', (text) => {
    expect(hasOuterSpace(text)).toBe(false);
  });
});

describe('xmlText', () => {
  it('escapes markup and replaces forbidden characters', () => {
    expect(xmlText('a"<&>\u0000\ud800')).toBe('a&quot;&lt;&amp;&gt;\uFFFD\uFFFD');
  });
});
