import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceDeflater, PieceLimit, type DeflateOptions } from './deflate.ts';

/** Compresses pieces as one stream. */
async function deflate(pieces: readonly Buffer[], options: Partial<DeflateOptions> = {}): Promise<Buffer> {
  const emitted: Buffer[] = [];
  const deflater = new PieceDeflater({
    level: 6,
    emit: (bytes) => emitted.push(bytes),
    fail: (error) => {
      throw error;
    },
    ...options,
  });
  for (const piece of pieces) {
    await deflater.ready();
    deflater.add(Buffer.from(piece), () => undefined);
  }
  deflater.end();
  await deflater.done();
  return Buffer.concat(emitted);
}

const rows = Array.from({ length: 4000 }, (_, at) => `<row r="${at}"><c>${at * 7919}</c></row>`).join('');
const text = Buffer.from(rows);

/** Cuts the text into pieces of a size. */
function cut(size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.subarray(at * size, (at + 1) * size),
  );
}

describe('PieceDeflater', () => {
  it('writes one deflate stream, wherever the pieces are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 70_000 }), { maxLength: 5 }), async (pieces) => {
        const buffers = pieces.map((piece) => Buffer.from(piece));
        expect(inflateRawSync(await deflate(buffers))).toEqual(Buffer.concat(buffers));
      }),
      { numRuns: 25 },
    );
  });

  it.each([1, 2, 4, 16])('writes the same bytes with %i pieces at a time', async (parallel) => {
    const alone = await deflate(cut(10_000), { limit: new PieceLimit(1) });
    expect(await deflate(cut(10_000), { limit: new PieceLimit(parallel) })).toEqual(alone);
  });

  it.each([0, 1, 5, 9])('writes a stream that inflates to the input at level %i', async (level) => {
    expect(inflateRawSync(await deflate(cut(20_000), { level }))).toEqual(text);
  });

  it('writes at most 2 % more than a stream compressed at once', async () => {
    const pieces = cut(text.length / 2);
    expect((await deflate(pieces)).length).toBeLessThan(deflateRawSync(text).length * 1.02);
  });

  it('writes an empty stream without pieces', async () => {
    expect(inflateRawSync(await deflate([]))).toHaveLength(0);
  });

  it('starts a new stream after an end, independent of the one before', async () => {
    const streams: Buffer[][] = [[]];
    const deflater = new PieceDeflater({
      level: 6,
      emit: (bytes) => streams.at(-1)?.push(bytes),
      fail: (error) => {
        throw error;
      },
    });
    for (let stream = 0; stream < 3; stream++) {
      deflater.add(Buffer.from(text), () => undefined);
      deflater.end();
      deflater.order(() => streams.push([]));
    }
    await deflater.done();
    for (const pieces of streams.slice(0, 3)) expect(inflateRawSync(Buffer.concat(pieces))).toEqual(text);
  });

  it('releases every piece once it is compressed', async () => {
    const released: number[] = [];
    const deflater = new PieceDeflater({ level: 1, emit: () => undefined, fail: () => undefined });
    cut(30_000).forEach((piece, at) => deflater.add(piece, () => released.push(at)));
    await deflater.done();
    expect(released.sort((a, b) => a - b)).toEqual(cut(30_000).map((_, at) => at));
  });

  it('emits in order although a later piece is done first', async () => {
    const waiting: (() => void)[] = [];
    const emitted: string[] = [];
    const deflater = new PieceDeflater({
      level: 6,
      emit: (bytes) => emitted.push(bytes.toString()),
      fail: () => undefined,
      openWorker: () => ({
        compress: (piece, done) => waiting.push(() => done(null, piece)),
        close: () => undefined,
      }),
    });
    for (const name of ['first', 'second', 'third']) deflater.add(Buffer.from(name), () => undefined);
    deflater.order(() => emitted.push('end'));
    waiting[2]?.();
    waiting[1]?.();
    expect(emitted).toEqual([]);
    waiting[0]?.();
    await deflater.done();
    expect(emitted).toEqual(['first', 'second', 'third', 'end']);
  });

  it('reports a failure of zlib once, emits nothing after it, and still ends', async () => {
    const emitted: Buffer[] = [];
    const failures: string[] = [];
    let closed = 0;
    const deflater = new PieceDeflater({
      level: 6,
      emit: (bytes) => emitted.push(bytes),
      fail: ({ message }) => failures.push(message),
      openWorker: () => ({
        compress: (_, done) =>
          void setImmediate().then(() => done(new Error('out of memory'), Buffer.alloc(0))),
        close: () => closed++,
      }),
    });
    deflater.add(text, () => undefined);
    deflater.add(text, () => undefined);
    deflater.end();
    await deflater.done();
    expect(failures).toEqual(['out of memory']);
    expect(closed).toBe(2);
    expect(emitted).toEqual([]);
  });

  it('emits nothing after it was stopped, and still ends', async () => {
    const emitted: Buffer[] = [];
    const deflater = new PieceDeflater({
      level: 6,
      emit: (bytes) => emitted.push(bytes),
      fail: () => undefined,
    });
    deflater.add(text, () => undefined);
    deflater.stop();
    deflater.end();
    await deflater.done();
    expect(emitted).toEqual([]);
  });

  it('reports an error of its receiver, and emits nothing after it', async () => {
    const failures: string[] = [];
    let emitted = 0;
    const deflater = new PieceDeflater({
      level: 1,
      emit: () => {
        emitted++;
        throw new Error('too large');
      },
      fail: ({ message }) => failures.push(message),
    });
    deflater.add(Buffer.from(text), () => undefined);
    deflater.add(Buffer.from(text), () => undefined);
    await deflater.done();
    expect(failures).toEqual(['too large']);
    expect(emitted).toBe(1);
  });
});

describe('PieceLimit', () => {
  /** A worker whose pieces end when the test says so. */
  function heldWorker() {
    const ends: (() => void)[] = [];
    const openWorker = () => ({
      compress: (piece: Buffer, done: (error: null, bytes: Buffer) => void) =>
        ends.push(() => done(null, piece)),
      close: () => undefined,
    });
    return { ends, openWorker };
  }

  it('is shared by all writers of a process, and wakes waiting writers one per turn of the event loop', async () => {
    const limit = new PieceLimit(2);
    const { ends, openWorker } = heldWorker();
    const deflaters = Array.from({ length: 4 }, () => {
      return new PieceDeflater({ level: 1, limit, openWorker, emit: () => undefined, fail: () => undefined });
    });
    for (const deflater of deflaters.slice(0, 2)) {
      await deflater.ready();
      expect(limit.isFull).toBe(false);
      deflater.add(text, () => undefined);
    }
    expect(limit.isFull).toBe(true);
    const woken: number[] = [];
    deflaters.forEach((deflater, at) => void deflater.ready().then(() => woken.push(at)));
    await setImmediate();
    await setImmediate();
    expect(woken).toEqual([]);
    ends.shift()?.();
    ends.shift()?.();
    for (const expected of [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]) {
      await setImmediate();
      expect(woken).toEqual(expected);
    }
  });

  it('wakes the next writer although the woken one has no row to write', async () => {
    const limit = new PieceLimit(1);
    const { ends, openWorker } = heldWorker();
    const deflaters = Array.from({ length: 3 }, () => {
      return new PieceDeflater({ level: 1, limit, openWorker, emit: () => undefined, fail: () => undefined });
    });
    deflaters[0]?.add(text, () => undefined);
    const waiting = deflaters.slice(1).map(async (deflater) => deflater.ready());
    ends.shift()?.();
    await Promise.all(waiting);
    expect(limit.isFull).toBe(false);
  });

  it('is left by a stopped writer, whose wait ends at once and whose pieces are removed when they end', async () => {
    const limit = new PieceLimit(2);
    const stopped = new PieceDeflater({ level: 9, limit, emit: () => undefined, fail: () => undefined });
    for (let piece = 0; piece < 6; piece++) stopped.add(Buffer.from(text), () => undefined);
    const other = new PieceDeflater({ level: 1, limit, emit: () => undefined, fail: () => undefined });
    const waits = [stopped.ready(), other.ready()];
    stopped.stop();
    await Promise.all(waits);
    await stopped.done();
    other.add(Buffer.from(text), () => undefined);
    await other.done();
    expect(limit.isFull).toBe(false);
  });
});
