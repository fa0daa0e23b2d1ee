import { createFormatter, type Column, type JsonValue } from '@waybill/formatting';

/**
 * The rows that every writer gets: 30 mixed columns of contacts, in the form of a batch. They repeat after POOL rows, far
 * beyond the window of deflate (32 KiB).
 */
export const POOL = 256;

const SOURCES = [
  'whatsapp',
  'instagram',
  'facebook',
  'telegram',
  'line',
  'email',
  'live_chat',
  'import',
  'api',
];
const STAGES = ['new', 'contacted', 'qualified', 'proposal', 'won', 'lost'];
const FIRST = [
  'Budi',
  'Siti',
  'Agus',
  'Dewi',
  'Rizky',
  'Putri',
  'Andi',
  'Rina',
  'Hendra',
  'Maya',
  'Joko',
  'Lestari',
];
const LAST = [
  'Santoso',
  'Wijaya',
  'Rahmawati',
  'Hidayat',
  'Kusuma',
  'Pratama',
  'Siregar',
  'Nugroho',
  'Saputra',
];
const CITIES = ['Jakarta', 'Bandung', 'Surabaya', 'Medan', 'Semarang', 'Makassar', 'Denpasar', 'Yogyakarta'];
const NOTES = [
  'Asked for the price list & a call back next week',
  'Wants delivery before the holiday, prefers WhatsApp',
  'Said "maybe later", follow up in March',
  'Café owner — two outlets, interested in the yearly plan',
  'No answer twice',
];

const options = (keys: readonly string[]) =>
  keys.map((key) => ({ key, label: key.replace('_', ' ').toUpperCase() }));

export const columns: readonly Column[] = [
  { name: 'id', header: 'Contact ID', fieldType: 'id' },
  { name: 'full_name', header: 'Full name', fieldType: 'text' },
  { name: 'email', header: 'Email', fieldType: 'email' },
  { name: 'phone', header: 'Phone', fieldType: 'phone' },
  { name: 'phone_2', header: 'Other phone', fieldType: 'phone' },
  { name: 'company', header: 'Company', fieldType: 'association' },
  { name: 'owner', header: 'Owner', fieldType: 'owner' },
  { name: 'source', header: 'Source', fieldType: 'dropdown', options: options(SOURCES) },
  { name: 'stage', header: 'Stage', fieldType: 'dropdown', options: options(STAGES) },
  { name: 'channels', header: 'Channels', fieldType: 'multiple_select', options: options(SOURCES) },
  { name: 'created_at', header: 'Created at', fieldType: 'datetime' },
  { name: 'updated_at', header: 'Updated at', fieldType: 'datetime' },
  { name: 'last_seen_at', header: 'Last seen', fieldType: 'datetime' },
  { name: 'birthday', header: 'Birthday', fieldType: 'date' },
  { name: 'renewal', header: 'Renewal', fieldType: 'date' },
  { name: 'deal_value', header: 'Deal value', fieldType: 'number', numberType: 'currency' },
  { name: 'discount', header: 'Discount', fieldType: 'number', numberType: 'percentage' },
  { name: 'score', header: 'Score', fieldType: 'number' },
  { name: 'orders', header: 'Orders', fieldType: 'number' },
  { name: 'rating', header: 'Rating', fieldType: 'number' },
  { name: 'subscribed', header: 'Subscribed', fieldType: 'checkbox' },
  { name: 'vip', header: 'VIP', fieldType: 'checkbox' },
  { name: 'address', header: 'Address', fieldType: 'text' },
  { name: 'city', header: 'City', fieldType: 'text' },
  { name: 'postal_code', header: 'Postal code', fieldType: 'text' },
  { name: 'website', header: 'Website', fieldType: 'url' },
  { name: 'notes', header: 'Notes', fieldType: 'text_area' },
  { name: 'campaign', header: 'Campaign', fieldType: 'text' },
  { name: 'external_id', header: 'External ID', fieldType: 'text' },
  { name: 'language', header: 'Language', fieldType: 'text' },
];

/**
 * The formatters that all contenders share. They are created before a measurement starts, because the first use of ICU takes
 * as long as thousands of rows.
 */
export const formatters = { xlsx: formatterFor('xlsx'), csv: formatterFor('csv') };

function formatterFor(format: 'xlsx' | 'csv') {
  return createFormatter({ columns, format, timezone: 'Asia/Jakarta', locale: 'en' });
}

/** Lehmer's generator, so that the rows are the same on every machine and in every process. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function makeRow(at: number): JsonValue[] {
  const next = random(at + 1);
  for (let warm = 0; warm < 4; warm++) next();
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = (from: readonly string[]) => from[below(from.length)] ?? '';
  const digits = (count: number) => Array.from({ length: count }, () => below(10)).join('');
  const maybe = (value: JsonValue) => (next() < 0.15 ? null : value);
  const instant = () => 1_640_995_200_000 + below(126_000_000) * 1000;
  const day = () => new Date(instant()).toISOString().slice(0, 10);
  const first = pick(FIRST);
  const last = pick(LAST);
  return [
    Array.from({ length: 24 }, () => below(16).toString(16)).join(''),
    `${first} ${last}`,
    `${first}.${last}${below(999)}@example.com`.toLowerCase(),
    `+628${digits(10)}`,
    maybe(`021-${digits(7)}`),
    maybe(`PT ${pick(LAST)} ${pick(FIRST)} Jaya`),
    `${pick(FIRST)} ${pick(LAST)}`,
    pick(SOURCES),
    pick(STAGES),
    [pick(SOURCES), pick(SOURCES)],
    instant(),
    instant(),
    maybe(instant()),
    maybe(day()),
    day(),
    { value: below(50_000_000), currency_code: 'IDR' },
    below(1000) / 10,
    below(100),
    below(40),
    below(500) / 100,
    next() < 0.5,
    next() < 0.1,
    `Jl. ${pick(LAST)} No. ${below(200)}, RT ${below(20)}/RW ${below(12)}`,
    pick(CITIES),
    digits(5),
    maybe(`https://example.com/${first.toLowerCase()}/${below(100_000)}`),
    maybe(pick(NOTES)),
    maybe(`campaign-${below(40)}`),
    maybe(`EXT-${digits(8)}`),
    next() < 0.8 ? 'id' : 'en',
  ];
}

// Parsed from JSON like the rows of a batch, so that V8 stores each string in one piece and not as a concatenation.
const pool: readonly (readonly JsonValue[])[] = parseRows(
  JSON.stringify(Array.from({ length: POOL }, (_, at) => makeRow(at))),
);

function parseRows(json: string): readonly (readonly JsonValue[])[] {
  // The JSON of rows parses to rows.
  return JSON.parse(json) as readonly (readonly JsonValue[])[];
}

/** Returns row `at` in the form of a batch: values in the order of `columns`. */
export function contactAt(at: number): readonly JsonValue[] {
  return pool[at % POOL] ?? [];
}
