/**
 * Measures size and CPU time of possible encodings for the rows of a sealed batch, with realistic batches.
 * docs/adr/0005-row-encoding.md has the decision. `npm run bench -- row-encoding [batches]`
 */
import { performance } from 'node:perf_hooks';
import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import avsc from 'avsc';

type Value = string | number | boolean | null | readonly string[];
type Rows = readonly (readonly Value[])[];

interface Candidate {
  readonly name: string;
  readonly encode: (rows: Rows) => Buffer;
  readonly decode: (bytes: Buffer) => unknown;
}

const rowsPerBatch = 500;
const zstdLevel = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const avroType = avsc.Type.forSchema({
  type: 'array',
  items: {
    type: 'array',
    items: ['null', 'boolean', 'double', 'string', { type: 'array', items: 'string' }],
  },
});
const toJson = (rows: Rows): Buffer => Buffer.from(JSON.stringify(rows));
const fromJson = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

const candidates: readonly Candidate[] = [
  { name: 'JSON', encode: toJson, decode: fromJson },
  {
    name: 'JSON + zstd level 1',
    encode: (rows) => zstdCompressSync(toJson(rows), zstdLevel),
    decode: (bytes) => fromJson(zstdDecompressSync(bytes)),
  },
  {
    name: 'JSON + deflate level 1',
    encode: (rows) => deflateRawSync(toJson(rows), { level: 1 }),
    decode: (bytes) => fromJson(inflateRawSync(bytes)),
  },
  {
    name: 'Avro (avsc)',
    encode: (rows) => avroType.toBuffer(rows),
    decode: (bytes) => avroType.fromBuffer(bytes) as unknown,
  },
  {
    name: 'v8.serialize',
    encode: (rows) => serialize(rows),
    decode: (bytes) => deserialize(bytes) as unknown,
  },
  {
    name: 'v8.serialize + zstd 1',
    encode: (rows) => zstdCompressSync(serialize(rows), zstdLevel),
    decode: (bytes) => deserialize(zstdDecompressSync(bytes)) as unknown,
  },
];

/** Returns a fixed sequence, so that every run measures the same batches. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const words =
  'budi siti wahyu kartika müller 顧客 jakarta follow up next week 🙂 premium discount called'.split(' ');

function makeRows(seed: number): Rows {
  const next = sequence(seed);
  const text = (count: number): string =>
    Array.from({ length: count }, () => words[next(words.length)]).join(' ');
  return Array.from({ length: rowsPerBatch }, () =>
    Array.from({ length: 30 }, (_, column): Value => {
      switch (column % 10) {
        case 0:
          return next(4_294_967_296).toString(16).padStart(24, '0');
        case 1:
          return text(2);
        case 2:
          return `${text(1)}.${String(next(10_000))}@example.com`;
        case 3:
          return `+628${String(next(1_000_000_000))}`;
        case 4:
          return next(5) === 0 ? null : next(100_000_000) / 100;
        case 5:
          return new Date(1_700_000_000_000 + next(1_000_000_000) * 60).toISOString();
        case 6:
          return next(2) === 0;
        case 7:
          return [text(1), text(1)];
        case 8:
          return next(10) === 0 ? text(60) : text(6);
        default:
          return next(3) === 0 ? null : text(1);
      }
    }),
  );
}

function milliseconds(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const batches = Array.from({ length: Number(process.argv[2] ?? 40) }, (_, seed) => makeRows(seed + 1));
const rounds = 5;
const times = new Map(
  candidates.map(({ name }) => [name, { kib: 0, encode: [] as number[], decode: [] as number[] }]),
);

// Rounds are interleaved, so that load on the machine affects all candidates. The first only warms up the compiler.
for (let round = 0; round <= rounds; round += 1) {
  for (const { name, encode, decode } of candidates) {
    let encoded: Buffer[] = [];
    const encodeMs = milliseconds(() => (encoded = batches.map(encode)));
    const decodeMs = milliseconds(() => encoded.forEach((bytes) => decode(bytes)));
    const seen = times.get(name);
    if (seen === undefined || round === 0) continue;
    seen.kib = encoded.reduce((sum, bytes) => sum + bytes.length, 0) / 1024 / batches.length;
    seen.encode.push(encodeMs / batches.length);
    seen.decode.push(decodeMs / batches.length);
  }
}

console.log(
  `${batches.length} batches of ${rowsPerBatch} rows × 30 fields; median of ${rounds} rounds, a batch:`,
);
for (const [name, { kib, encode, decode }] of times) {
  const [size, encodeMs, decodeMs] = [kib, median(encode), median(decode)].map((value) => value.toFixed(2));
  console.log(`${name.padEnd(24)} ${size} KiB, encode ${encodeMs} ms, decode ${decodeMs} ms`);
}
