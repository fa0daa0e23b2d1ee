import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormatter, csvText, guardFormula, isE164, isFormulaLike } from './index.ts';

/** Texts full of the characters that the guard looks for. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        ' ',
        '"',
        "'",
        '＝',
        '＋',
        '－',
        '＠',
        '\u00a0',
        '1',
        'A',
      ),
      {
        maxLength: 8,
      },
    )
    .map((pieces) => pieces.join('')),
);

describe('guardFormula', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    ' =1',
    '"=1',
    "'=1",
    ' " +1',
    '\u00a0=1',
    '\u3000=1',
    '\ufeff=1',
    '=',
    "=cmd|' /C calc'!A0",
  ])('puts an apostrophe before %j', (text) => {
    expect(guardFormula(text)).toBe(`'${text}`);
  });

  it.each(['', 'a=1', '1-1', 'Budi', '"quoted"', "'apostrophe", ' x', '０', 'é', '(1)', '−1', '#N/A'])(
    'returns %j unchanged',
    (text) => {
      expect(guardFormula(text)).toBe(text);
    },
  );

  it('returns no text that starts with a trigger', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(guardFormula(text)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        expect(guardFormula(text)).not.toMatch(/^[\s"][\s"']*[=+\-@\t\r\n＝＋－＠]/);
      }),
    );
  });

  it('keeps the text: removing the apostrophe restores it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const guarded = guardFormula(text);
        const back = guarded.startsWith("'") && isFormulaLike(guarded.slice(1)) ? guarded.slice(1) : guarded;
        expect(back).toBe(text);
      }),
    );
  });

  it('takes time in proportion to the length of a hostile text', () => {
    expect(guardFormula(`${' '.repeat(1_000_000)}x`)).toHaveLength(1_000_001);
  });
});

describe('a cell in CSV', () => {
  const types = [
    'text',
    'text_area',
    'phone',
    'email',
    'url',
    'id',
    'owner',
    'association',
    'dropdown',
    'multiple_select',
    'unheard_of',
  ];
  it.each(types)('of type %s starts with a trigger only if it is a phone number in E.164', (fieldType) => {
    const columns = [{ name: 'a', header: 'A', fieldType }];
    const { row } = createFormatter({ columns, format: 'csv', timezone: 'UTC', locale: 'en' });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constant('+6281234567890')), (value) => {
        const text = csvText(row([value])[0] ?? null) ?? '';
        const isException = fieldType === 'phone' && /^\+\d{4,15}$/.test(text);
        expect(isException || !/^[=+\-@\t\r\n＝＋－＠]/.test(text)).toBe(true);
      }),
    );
  });

  it.each(['number', 'date', 'datetime', 'checkbox'])(
    'of type %s starts with a trigger only if it is a number',
    (fieldType) => {
      const columns = [{ name: 'a', header: 'A', fieldType }];
      const { row } = createFormatter({ columns, format: 'csv', timezone: 'UTC', locale: 'en' });
      fc.assert(
        fc.property(fc.oneof(hostile, fc.constantFrom('-5', '+5', '-12345678901234567')), (value) => {
          const text = csvText(row([value])[0] ?? null) ?? '';
          expect(/^-?\d+(\.\d+)?$/.test(text) || !/^[=+\-@\t\r\n＝＋－＠]/.test(text)).toBe(true);
        }),
      );
    },
  );
});

describe('isE164', () => {
  it.each(['+1234', '+123456789012345', '+6281234567890'])('accepts %s', (text) => {
    expect(isE164(text)).toBe(true);
  });

  it.each([
    '+123',
    '+1234567890123456',
    '6281234567890',
    '+62 812',
    '+1-1',
    '+62812345678x',
    '+6281234\n',
    '＋62812345678',
  ])('rejects %j', (text) => {
    expect(isE164(text)).toBe(false);
  });
});
