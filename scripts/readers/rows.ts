import type { Cell, SheetColumn } from '@waybill/formatting';

/** One line of the hostile file: what is written, and what a reader must find. */
export interface HostileRow {
  readonly cells: readonly Cell[];
  /** The text, with U+FFFD for what XML and UTF-8 cannot hold, cut to what a cell can hold. */
  readonly text: string;
  readonly number: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** `YYYY-MM-DDThh:mm:ss`. */
  readonly instant: string;
  readonly flag: boolean;
}

export const columns: readonly SheetColumn[] = [
  { name: 'text', header: 'Text', kind: 'text' },
  { name: 'number', header: 'Number', kind: 'number' },
  { name: 'date', header: 'Date', kind: 'date' },
  { name: 'instant', header: 'Instant', kind: 'datetime' },
  { name: 'flag', header: 'Flag', kind: 'boolean' },
];

const texts: readonly string[] = [
  'Budi',
  '=1+1',
  '+1-1',
  '-1',
  '@SUM(A1:A9)',
  '\t=1+1',
  "=cmd|' /C calc'!A0",
  '"=1',
  "'=1",
  '＝1',
  '000123',
  '081234',
  '+6281234567890',
  '12345678901234567890',
  '1E5',
  'TRUE',
  '#N/A',
  'NULL',
  '2026-11-24',
  '12:30',
  '50%',
  'a\nb',
  'a\r\nb',
  'a\rb',
  'ends in CR\r',
  '  spaces  ',
  ' ',
  '\tTAB\t',
  'a,b;c"d',
  '"quoted"',
  '<b>&amp;</b>',
  ']]> <![CDATA[',
  '_x0041_',
  '_x000D_',
  '_x005F_x0041_',
  '😀 𠮷 👨‍👩‍👧',
  'مرحبا بالعالم',
  '漢字かな',
  `a${'\u0301'.repeat(50)}`,
  'lone \ud800 surrogate',
  'control \u0000 \u001f',
  'not a character \uffff',
  'x'.repeat(256),
  'x'.repeat(32_767),
  `${'y'.repeat(32_766)}😀tail`,
];

const numbers: readonly number[] = [
  0,
  42,
  -7,
  0.5,
  0.1 + 0.2,
  1 / 3,
  1234567.891,
  999_999_999_999_999,
  19.99 * 1.11,
  -6.2000000000000011,
  1e-7,
  1.7976931348623157e300,
];

/** 1900-03-01, 1970-01-01, 2024-02-29, 2026-11-24 and 9999-12-31 in days since 1970. */
const days: readonly number[] = [-25_508, 0, 19_782, 20_781, 2_932_896];
const seconds: readonly number[] = [0, 1, 38_984, 86_399];

/** Returns the hostile rows: every text once, with numbers, days and times in turn. */
export function hostileRows(): readonly HostileRow[] {
  return texts.map((text, at) => {
    const number = numbers[at % numbers.length] ?? 0;
    const day = days[at % days.length] ?? 0;
    const second = seconds[at % seconds.length] ?? 0;
    const flag = at % 2 === 0;
    const iso = new Date((day * 86_400 + second) * 1000).toISOString();
    return {
      cells: [
        text,
        number,
        { kind: 'date', day, second: 0, offsetSeconds: 0 },
        { kind: 'datetime', day, second, offsetSeconds: 0 },
        flag,
      ],
      text: permitted(text),
      number,
      date: iso.slice(0, 10),
      instant: iso.slice(0, 19),
      flag,
    };
  });
}

function permitted(text: string): string {
  const cut = text.length > 32_767 ? text.slice(0, 32_766) : text;
  return cut.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
}
