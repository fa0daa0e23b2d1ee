import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { createCsvWriter, createXlsxWriter } from './index.ts';
import { SNAPSHOT, textColumns } from './testing/files.ts';

/** Both writers: every test below holds for each of them. */
const formats = [
  { format: 'xlsx', create: () => createXlsxWriter({ columns: textColumns(2), snapshotAt: SNAPSHOT }) },
  { format: 'csv', create: () => createCsvWriter({ columns: textColumns(2) }) },
];

/** Returns text that does not compress, so that a few rows fill every buffer on the way. */
function noise(row: number): string {
  let text = '';
  for (let at = 0; at < 3000; at++) {
    text += String.fromCharCode(0x4e00 + ((row * 7919 + at * at * 31) % 20_000));
  }
  return text;
}

/** Returns the error of a promise that must fail. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(formats)('the $format writer', ({ create }) => {
  it.each([[[]], [['a']], [['a', 'b', 'c']]])(
    'rejects the row %j for two columns and aborts the file',
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
    ['an unknown kind', { kind: 'formula', text: '=1' }, 'formula'],
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
  ])('rejects %s as a cell and aborts the file', async (_, cell, kind) => {
    const writer = create();
    const bytes = failure(buffer(writer.stream));
    // The type forbids it; a bug elsewhere would not ask.
    expect(() => writer.write(['a', cell as never])).toThrow(
      expect.objectContaining({ code: 'SHEET_CELL_UNKNOWN', params: { row: 1, column: 2, kind } }),
    );
    expect(await bytes).toBeInstanceOf(ExportError);
    expect(await failure(writer.finish())).toMatchObject({ code: 'SHEET_ENDED' });
  });

  it('rejects every call after the end', async () => {
    const writer = create();
    writer.stream.resume();
    await writer.finish();
    expect(() => writer.write(['a', 'b'])).toThrow(expect.objectContaining({ code: 'SHEET_ENDED' }));
    expect(await failure(writer.finish())).toMatchObject({ code: 'SHEET_ENDED', retryable: false });
  });

  it('fails its stream with the error of an abort, without an end', async () => {
    const writer = create();
    const bytes = failure(buffer(writer.stream));
    for (let row = 0; row < 50; row++) await writer.write([noise(row), 'b']);
    const cancelled = new Error('cancelled');
    writer.abort(cancelled);
    expect(await bytes).toBe(cancelled);
    expect(() => writer.write(['a', 'b'])).toThrow(expect.objectContaining({ code: 'SHEET_ENDED' }));
    writer.abort(new Error('again'));
  });

  it('ignores an abort after the end', async () => {
    const writer = create();
    const bytes = buffer(writer.stream);
    await writer.write(['a', 'b']);
    await writer.finish();
    writer.abort(new Error('too late'));
    expect((await bytes).length).toBeGreaterThan(0);
  });

  it('fails with the reason when its receiver fails in the middle of the file, and destroys its stream', async () => {
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

  it('fails when its receiver stops reading, although the writer waits for that receiver', async () => {
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

  it('fails at finish when its receiver failed after the last row', async () => {
    const writer = create();
    await writer.write(['a', 'b']);
    writer.stream.destroy(new Error('connection reset'));
    expect(await failure(writer.finish())).toMatchObject({
      code: 'SHEET_SINK_FAILED',
      params: { reason: 'connection reset' },
    });
  });

  it('waits while its receiver does not read, and continues when it reads again', async () => {
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

  it('lets the event loop turn while it writes to a fast receiver', async () => {
    const writer = create();
    writer.stream.resume();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for (let row = 0; row < 1000; row++) await writer.write([noise(row), 'b']);
    await writer.finish();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('returns a readable stream', () => {
    expect(create().stream).toBeInstanceOf(Readable);
  });
});

/** Resolves to false when a stream that nobody reads is full: its writer would wait for ever. */
async function full(stream: Readable): Promise<boolean> {
  while (stream.readableLength < stream.readableHighWaterMark) await setImmediate();
  return false;
}
