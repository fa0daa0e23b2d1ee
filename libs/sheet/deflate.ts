import { availableParallelism } from 'node:os';
import { constants, deflateRaw, type ZlibOptions } from 'node:zlib';

/** How far deflate looks back (RFC 1951 §2): the end of a piece is the dictionary of the next one. */
const WINDOW_BYTES = 32 * 1024;

/** One call's output buffer; a piece compresses to less, so that zlib fills one buffer and copies nothing. */
const CHUNK_BYTES = 128 * 1024;

/** An empty last block with fixed codes: every piece ends byte-aligned and open, this closes the stream. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

/** zlib runs in libuv's pool, which has four threads unless it is told otherwise; more pieces would only wait. */
const MAX_PARALLEL = 4;

/** What is used of zlib: compresses a piece on another thread and calls back. */
export type Compress = (
  piece: Buffer,
  options: ZlibOptions,
  done: (error: Error | null, bytes: Buffer) => void,
) => void;

export interface DeflateOptions {
  /** 0 to 9. */
  readonly level: number;
  /** Pieces compressed at the same time; the number of cores by default. It does not change the bytes. */
  readonly parallel?: number;
  /** zlib's, unless a test wants to decide when and how a piece ends. */
  readonly compress?: Compress;
  /** Takes compressed bytes, in order. */
  readonly emit: (bytes: Buffer) => void;
  /** zlib failed; nothing is emitted after it. */
  readonly fail: (error: Error) => void;
}

/** Something in the order of the stream: emitted, or run, once everything before it is. */
interface Step {
  done: boolean;
  run: () => void;
}

/**
 * Raw deflate of a stream in pieces, several at a time on libuv's threads. Each piece is compressed on its own with the
 * 32 KiB before it as dictionary and ends in a sync flush, so the pieces joined are one stream that any inflate reads.
 * Where pieces are cut depends on the input alone, so equal input gives equal bytes whatever the threads do.
 */
export class PieceDeflater {
  readonly #options: DeflateOptions;
  readonly #parallel: number;
  readonly #compress: Compress;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #windowLength = 0;
  #running = 0;
  #steps: Step[] = [];
  #failed = false;
  #waiting: PromiseWithResolvers<undefined> | undefined;

  constructor(options: DeflateOptions) {
    this.#options = options;
    this.#compress = options.compress ?? deflateRaw;
    this.#parallel = options.parallel ?? Math.min(availableParallelism(), MAX_PARALLEL);
  }

  /** Whether as many pieces are being compressed as may be. */
  get full(): boolean {
    return this.#running >= this.#parallel;
  }

  /** Compresses a piece. It belongs to the deflater until `release` is called. */
  add(piece: Buffer, release: () => void): void {
    const step: Step = { done: false, run: () => undefined };
    this.#steps.push(step);
    this.#running++;
    const dictionary =
      this.#windowLength === 0 ? {} : { dictionary: this.#window.subarray(0, this.#windowLength) };
    const { level } = this.#options;
    // zlib copies the dictionary before deflateRaw returns, so the window may be moved on at once.
    this.#compress(
      piece,
      { level, chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary },
      (error, bytes) => {
        release();
        this.#running--;
        if (error === null) step.run = () => this.#options.emit(bytes);
        else this.#failOnce(error);
        step.done = true;
        this.#advance();
      },
    );
    this.#remember(piece);
  }

  /** Runs `action` when everything before it is emitted. */
  order(action: () => void): void {
    this.#steps.push({ done: true, run: action });
    this.#advance();
  }

  /** Ends the stream; the next piece starts a new one. */
  end(): void {
    this.#windowLength = 0;
    this.order(() => this.#options.emit(LAST_BLOCK));
  }

  /** Resolves when a piece may be added; with `all`, when everything is emitted. Also after a failure. */
  async ready(all: 'one' | 'all' = 'one'): Promise<void> {
    while (all === 'all' ? this.#steps.length > 0 : this.full) {
      this.#waiting ??= Promise.withResolvers<undefined>();
      await this.#waiting.promise;
    }
  }

  /** Emits nothing any more; pieces under way are released as they end. */
  stop(): void {
    this.#failed = true;
  }

  #failOnce(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.fail(error);
  }

  #advance(): void {
    while (this.#steps[0]?.done === true) {
      const step = this.#steps.shift();
      if (!this.#failed) step?.run();
    }
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  #remember(piece: Buffer): void {
    const tail = piece.subarray(Math.max(0, piece.length - WINDOW_BYTES));
    const kept = Math.min(this.#windowLength, WINDOW_BYTES - tail.length);
    this.#window.copyWithin(0, this.#windowLength - kept, this.#windowLength);
    tail.copy(this.#window, kept);
    this.#windowLength = kept + tail.length;
  }
}
