import { availableParallelism } from 'node:os';
import { deflateLane, type Lane } from '../deflate-lane.ts';

/**
 * Lanes that pieces go to in turn. It decides the bytes (zlib's matches depend a little on what a lane did before), so it is
 * the same on every machine. libuv has four threads unless it is told otherwise; more lanes would only wait.
 */
const LANES = 4;

/** An empty last block with fixed codes: every piece ends byte-aligned and open, this closes the stream. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

export interface DeflateOptions {
  /** 0 to 9. */
  readonly level: number;
  /** Pieces compressed at the same time, at most 4; the number of cores by default. It does not change the bytes. */
  readonly parallel?: number;
  /** zlib's, unless a test wants to decide when and how a piece ends. */
  readonly openLane?: (level: number) => Lane;
  /** Takes compressed bytes, in order. */
  readonly emit: (bytes: Buffer) => void;
  /** zlib failed; nothing is emitted after it. */
  readonly fail: (error: Error) => void;
}

/**
 * Something in the order of the stream: bytes to emit or an action to run, once everything before it is done. Steps are emptied
 * when they are: zlib and V8's older generation hold on to them, and with them 50 MB of bytes that were long delivered.
 */
interface Step {
  done: boolean;
  bytes: Buffer | undefined;
  action: (() => void) | undefined;
}

/**
 * Raw deflate of a stream in pieces, several at a time on libuv's threads. Each piece is compressed on its own and ends in a
 * full flush, so the pieces joined are one stream that any inflate reads, 1 % longer than in one go at 512 KiB a piece.
 * Where pieces are cut and which lane they take depends on the input alone, so equal input gives equal bytes.
 */
export class PieceDeflater {
  readonly #options: DeflateOptions;
  readonly #parallel: number;
  readonly #openLane: (level: number) => Lane;
  readonly #lanes: Lane[] = [];
  #pieces = 0;
  #running = 0;
  #steps: Step[] = [];
  #stopped = false;
  #waiting: PromiseWithResolvers<undefined> | undefined;

  constructor(options: DeflateOptions) {
    this.#options = options;
    this.#openLane = options.openLane ?? deflateLane;
    this.#parallel = Math.min(options.parallel ?? availableParallelism(), LANES);
  }

  /** Whether enough pieces are under way: one more than are compressed at a time, so that no thread waits for the next. */
  get full(): boolean {
    return this.#running > this.#parallel;
  }

  /** Compresses a piece. It belongs to the deflater until `release` is called. */
  add(piece: Buffer, release: () => void): void {
    if (piece.length === 0) {
      release();
      return;
    }
    const step: Step = { done: false, bytes: undefined, action: undefined };
    this.#steps.push(step);
    this.#running++;
    this.#nextLane().compress(piece, (error, bytes) => {
      release();
      this.#running--;
      if (error === null) step.bytes = bytes;
      else this.#fail(error);
      step.done = true;
      this.#advance();
    });
  }

  /** Runs `action` when everything before it is emitted. */
  order(action: () => void): void {
    this.#steps.push({ done: true, bytes: undefined, action });
    this.#advance();
  }

  /** Ends the stream; the next piece starts a new one. */
  end(): void {
    this.order(() => this.#options.emit(LAST_BLOCK));
  }

  /** Resolves when a piece may be added; with `all`, when everything is emitted. Also after a failure. */
  async ready(all: 'one' | 'all' = 'one'): Promise<void> {
    while (all === 'all' ? this.#steps.length > 0 : this.full) {
      this.#waiting ??= Promise.withResolvers<undefined>();
      await this.#waiting.promise;
    }
  }

  /** Emits nothing any more and frees what zlib holds; pieces under way are released as they end. */
  stop(): void {
    this.#stopped = true;
    for (const lane of this.#lanes) lane.close();
  }

  #fail(error: Error): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.fail(error);
  }

  #nextLane(): Lane {
    const turn = this.#pieces++ % LANES;
    return (this.#lanes[turn] ??= this.#openLane(this.#options.level));
  }

  #advance(): void {
    while (this.#steps[0]?.done === true) {
      const step = this.#steps.shift();
      if (step !== undefined) this.#run(step);
    }
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  #run(step: Step): void {
    const { bytes, action } = step;
    step.bytes = undefined;
    step.action = undefined;
    if (this.#stopped) return;
    if (bytes !== undefined) this.#options.emit(bytes);
    action?.();
  }
}
