import { availableParallelism } from 'node:os';
import { constants, createDeflateRaw } from 'node:zlib';
import { asError } from '@waybill/errors';

/**
 * Workers that take the pieces in turn. The number decides the bytes, because zlib's matches depend a little on the pieces
 * before, so it is the same on every machine. libuv has four threads by default; more workers would only wait.
 */
const WORKERS = 4;

/** An empty last block with fixed codes. Every piece ends byte-aligned and open; this block closes the stream. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

/** Size of the output buffer that zlib fills before it asks for another. Pieces share it, so no more is allocated than comes out. */
const CHUNK_BYTES = 64 * 1024;

/** The end of a full flush: an empty stored block (RFC 1951 §3.2.4). */
const FLUSH_MARK = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Receives the compressed piece, or the error. */
export type Compressed = (error: Error | null, bytes: Buffer) => void;

/** Compresses pieces one after another. No piece refers to another one. */
export interface DeflateWorker {
  compress(piece: Buffer, done: Compressed): void;
  close(): void;
}

export interface DeflateOptions {
  /** 0 to 9. */
  readonly level: number;
  /** The limit that this stream shares; the one of the process by default. It does not change the bytes. */
  readonly limit?: PieceLimit;
  /** zlib by default. Tests pass a worker of their own to decide when and how a piece ends. */
  readonly openWorker?: (level: number) => DeflateWorker;
  /** Receives the compressed bytes, in order. */
  readonly emit: (bytes: Buffer) => void;
  /** Called once when zlib, `emit` or an action fails. Nothing is emitted after it. */
  readonly fail: (error: Error) => void;
}

/**
 * Limits the pieces that are compressed at the same time by all writers of a process. Without it each writer queues pieces of its
 * own on libuv's threads, and whatever else needs a thread, such as zstd of the batches, waits behind all of them. Writers take
 * turns, each in a turn of the event loop of its own, because each then writes a piece without a pause.
 */
export class PieceLimit {
  readonly #max: number;
  readonly #waiters: (() => void)[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(max: number) {
    this.#max = max;
  }

  get isFull(): boolean {
    return this.#running >= this.#max;
  }

  add(): void {
    this.#running++;
  }

  remove(): void {
    this.#running--;
    this.#schedule();
  }

  /** Calls `waiter` once, when it is its turn and a piece may be added. */
  wait(waiter: () => void): void {
    this.#waiters.push(waiter);
    this.#schedule();
  }

  /** Removes a waiter, without calling it. */
  leave(waiter: () => void): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
  }

  /** A woken writer may have no row to write, so the next one is woken although no piece was added. */
  #schedule(): void {
    if (this.#isScheduled || this.isFull || this.#waiters.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.isFull) this.#waiters.shift()?.();
      this.#schedule();
    });
  }
}

/** One piece more than there are cores, so that no thread waits for the next one. libuv has four threads by default. */
const processLimit = new PieceLimit(Math.min(availableParallelism(), WORKERS) + 1);

/**
 * One step of the stream: bytes to emit or an action to run, once every step before it is done. A step is emptied when it
 * has run, because zlib and V8's old generation keep references to it, and with it to 50 MB of bytes already delivered.
 */
interface Step {
  done: boolean;
  bytes: Buffer | undefined;
  action: (() => void) | undefined;
}

/**
 * Compresses a stream by raw deflate in pieces, several at a time on libuv's threads. Each piece is compressed on its own and
 * ends in a full flush, so the joined pieces are one stream that any inflate reads. It is 1 % longer than a stream that is
 * compressed at once, at 512 KiB a piece. Only the input decides where pieces are cut and which worker takes them, so equal
 * input gives equal bytes.
 */
export class PieceDeflater {
  readonly #options: DeflateOptions;
  readonly #limit: PieceLimit;
  readonly #openWorker: (level: number) => DeflateWorker;
  readonly #workers: DeflateWorker[] = [];
  #pieces = 0;
  #steps: Step[] = [];
  #stopped = false;
  /** Resolved after each step. */
  #step: PromiseWithResolvers<undefined> | undefined;
  /** Resolved when the limit allows another piece, or the deflater is stopped. */
  #turn: PromiseWithResolvers<undefined> | undefined;
  readonly #takeTurn = () => {
    this.#turn?.resolve(undefined);
    this.#turn = undefined;
  };

  constructor(options: DeflateOptions) {
    this.#options = options;
    this.#openWorker = options.openWorker ?? openDeflateWorker;
    this.#limit = options.limit ?? processLimit;
  }

  /** Compresses a piece. It belongs to the deflater until `release` is called. */
  add(piece: Buffer, release: () => void): void {
    if (piece.length === 0) {
      release();
      return;
    }
    const step: Step = { done: false, bytes: undefined, action: undefined };
    this.#steps.push(step);
    this.#limit.add();
    this.#nextWorker().compress(piece, (error, bytes) => {
      release();
      this.#limit.remove();
      if (error === null) step.bytes = bytes;
      else this.#fail(error);
      step.done = true;
      this.#advance();
    });
  }

  /** Runs `action` after everything before it is emitted. */
  order(action: () => void): void {
    this.#steps.push({ done: true, bytes: undefined, action });
    this.#advance();
  }

  /** Ends the stream; the next piece starts a new one. */
  end(): void {
    this.order(() => this.#options.emit(LAST_BLOCK));
  }

  /** Resolves when it is this stream's turn to add a piece, or the deflater is stopped. */
  ready(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#turn === undefined) {
      this.#turn = Promise.withResolvers<undefined>();
      this.#limit.wait(this.#takeTurn);
    }
    return this.#turn.promise;
  }

  /** Resolves when everything is emitted. It resolves after a failure too. */
  async done(): Promise<void> {
    while (this.#steps.length > 0) {
      this.#step ??= Promise.withResolvers<undefined>();
      await this.#step.promise;
    }
  }

  /** Stops emitting and frees zlib's memory. Pieces in progress are released as they end. */
  stop(): void {
    this.#stopped = true;
    for (const worker of this.#workers) worker.close();
    this.#limit.leave(this.#takeTurn);
    this.#takeTurn();
  }

  #fail(error: Error): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.fail(error);
  }

  #nextWorker(): DeflateWorker {
    const turn = this.#pieces++ % WORKERS;
    return (this.#workers[turn] ??= this.#openWorker(this.#options.level));
  }

  #advance(): void {
    while (this.#steps[0]?.done === true) {
      const step = this.#steps.shift();
      if (step !== undefined) this.#run(step);
    }
    this.#step?.resolve(undefined);
    this.#step = undefined;
  }

  #run(step: Step): void {
    const { bytes, action } = step;
    step.bytes = undefined;
    step.action = undefined;
    if (this.#stopped) return;
    try {
      if (bytes !== undefined) this.#options.emit(bytes);
      action?.();
    } catch (error) {
      this.#fail(asError(error));
    }
  }
}

/**
 * Opens a worker on one of libuv's threads. All its pieces use one deflate state, which a full flush resets after each piece.
 * This costs less than one state per piece and leaves nothing for the garbage collector.
 */
export function openDeflateWorker(level: number): DeflateWorker {
  const stream = createDeflateRaw({ level, chunkSize: CHUNK_BYTES, flush: constants.Z_FULL_FLUSH });
  let chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The callback of write reports the failure as well.
  stream.on('error', () => undefined);

  function compress(piece: Buffer, done: Compressed): void {
    stream.write(piece, (error) => {
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      chunks = [];
      if (error) done(error, bytes);
      else if (bytes.subarray(-FLUSH_MARK.length).equals(FLUSH_MARK)) done(null, bytes);
      else done(new Error('zlib called back before the piece was complete'), bytes);
    });
  }

  return { compress, close: () => stream.destroy() };
}
