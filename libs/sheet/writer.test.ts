import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { createCsvWriter, createXlsxWriter } from './index.ts';
import { SNAPSHOT, textColumns } from './testing/files.ts';

/** What both writers promise, whatever they write. */
const formats = [
  { format: 'xlsx', create: () => createXlsxWriter({ columns: textColumns(2), snapshotAt: SNAPSHOT }) },
  { format: 'csv', create: () => createCsvWriter({ columns: textColumns(2) }) },
];

/** Text that does not compress, so that a few rows fill every buffer on the way. */
function noise(row: number): string {
  let text = '';
  for (let at = 0; at < 3000; at++) {
    text += String.fromCharCode(0x4e00 + ((row * 7919 + at * at * 31) % 20_000));
  }
  return text;
}

/** What a promise that must fail failed with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(formats)('the $format writer', ({ create }) => {
  it.each([[[]], [['a']], [['a', 'b', 'c']]])(
    'refuses the row %j for two columns, and gives the file up',
    async (row) => {
      const writer = create();
      const bytes = failure(buffer(writer.stream));
      await writer.write(['a', 'b']);
      expect(() => writer.write(row)).toThrow(
        expect.objectContaining({
          code: 'SHEET_ROW_LENGTH',
          params: { row: 2, actual: row.length, expected: 2 },
        }),
      );
      expect(await bytes).toMatchObject({ code: 'SHEET_ROW_LENGTH' });
      expect(() => writer.write(['a', 'b'])).toThrow(expect.objectContaining({ code: 'SHEET_ENDED' }));
    },
  );

  it.each([
    ['a kind that there is not', { kind: 'formula', text: '=1' }, 'formula'],
    ['an object without a kind', {}, 'object'],
    ['undefined', undefined, 'undefined'],
    ['a bigint', 5n, 'bigint'],
    ['a Date', new Date(0), 'object'],
    ['NaN', Number.NaN, 'NaN'],
    ['an infinity', -Infinity, '-Infinity'],
    ['a percentage of NaN', { kind: 'percentage', percent: Number.NaN }, 'NaN'],
    [
      'an amount of NaN',
      { kind: 'currency', value: Number.NaN, currency: { code: 'USD', decimals: 2 } },
      'NaN',
    ],
  ])('refuses %s as a cell, and gives the file up', async (_, cell, kind) => {
    const writer = create();
    const bytes = failure(buffer(writer.stream));
    // The type forbids it; a bug elsewhere would not ask.
    expect(() => writer.write(['a', cell as never])).toThrow(
      expect.objectContaining({ code: 'SHEET_CELL_UNKNOWN', params: { row: 1, column: 2, kind } }),
    );
    expect(await bytes).toBeInstanceOf(ExportError);
    expect(await failure(writer.finish())).toMatchObject({ code: 'SHEET_ENDED' });
  });

  it('takes nothing after its end', async () => {
    const writer = create();
    writer.stream.resume();
    await writer.finish();
    expect(() => writer.write(['a', 'b'])).toThrow(expect.objectContaining({ code: 'SHEET_ENDED' }));
    expect(await failure(writer.finish())).toMatchObject({ code: 'SHEET_ENDED', retryable: false });
  });

  it('gives the receiver the error that it is aborted with, and no end', async () => {
    const writer = create();
    const bytes = failure(buffer(writer.stream));
    for (let row = 0; row < 50; row++) await writer.write([noise(row), 'b']);
    const cancelled = new Error('cancelled');
    writer.abort(cancelled);
    expect(await bytes).toBe(cancelled);
    expect(() => writer.write(['a', 'b'])).toThrow(expect.objectContaining({ code: 'SHEET_ENDED' }));
    writer.abort(new Error('again'));
  });

  it('is not harmed by an abort after its end', async () => {
    const writer = create();
    const bytes = buffer(writer.stream);
    await writer.write(['a', 'b']);
    await writer.finish();
    writer.abort(new Error('too late'));
    expect((await bytes).length).toBeGreaterThan(0);
  });

  it('fails with the reason of a sink that fails in the middle, and destroys its stream', async () => {
    const writer = create();
    let taken = 0;
    const sink = new Writable({
      write(chunk: Buffer, _, done) {
        taken += chunk.length;
        done(taken > 300_000 ? new Error('disk full') : null);
      },
    });
    const delivery = failure(pipeline(writer.stream, sink));
    const writing = failure(
      (async () => {
        for (let row = 0; row < 100_000; row++) await writer.write([noise(row), 'b']);
      })(),
    );
    expect(await writing).toMatchObject({
      code: 'SHEET_SINK_FAILED',
      retryable: true,
      params: { reason: 'disk full' },
    });
    expect(await delivery).toMatchObject({ message: 'disk full' });
    expect(writer.stream.destroyed).toBe(true);
    expect(await failure(writer.finish())).toMatchObject({ code: 'SHEET_SINK_FAILED' });
  });

  it('fails when a receiver stops reading without a reason, also while it waits for that receiver', async () => {
    const writer = create();
    const writing = failure(
      (async () => {
        for (let row = 0; ; row++) await writer.write([noise(row), 'b']);
      })(),
    );
    for await (const chunk of writer.stream) {
      expect(chunk).toBeInstanceOf(Uint8Array);
      break;
    }
    expect(await writing).toMatchObject({ code: 'SHEET_SINK_FAILED' });
  });

  it('fails at finish when the sink failed after the last row', async () => {
    const writer = create();
    await writer.write(['a', 'b']);
    writer.stream.destroy(new Error('connection reset'));
    expect(await failure(writer.finish())).toMatchObject({
      code: 'SHEET_SINK_FAILED',
      params: { reason: 'connection reset' },
    });
  });

  it('waits for a receiver that does not read, and goes on when it does', async () => {
    const writer = create();
    let rows = 0;
    let waiting: Promise<void> | undefined;
    // A writer that ignored its receiver would take all of these 600 MB.
    while (rows < 100_000) {
      const wait = writer.write([noise(rows), 'b']);
      rows++;
      if (wait === undefined) continue;
      const caughtUp = await Promise.race([wait.then(() => true), full(writer.stream)]);
      if (!caughtUp) {
        waiting = wait;
        break;
      }
    }
    expect(rows).toBeLessThan(2000);
    expect(waiting).toBeDefined();
    const bytes = buffer(writer.stream);
    await waiting;
    const tally = await writer.finish();
    expect(tally.rows).toBe(rows);
    expect((await bytes).length).toBeGreaterThan(rows * 3000);
  });

  it('lets the event loop turn while it writes, also where nothing makes it wait', async () => {
    const writer = create();
    writer.stream.resume();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for (let row = 0; row < 1000; row++) await writer.write([noise(row), 'b']);
    await writer.finish();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('is a stream of bytes like any other', () => {
    expect(create().stream).toBeInstanceOf(Readable);
  });
});

/** Comes back with false when a stream that nobody reads is full, which no waiting of its writer can change. */
async function full(stream: Readable): Promise<boolean> {
  while (stream.readableLength < stream.readableHighWaterMark) await setImmediate();
  return false;
}
