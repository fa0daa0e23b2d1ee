import { Readable } from 'node:stream';
import { ExportError } from '@waybill/errors';

/** Bytes that may wait for the receiver before the writer has to. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** The reading end that a writer hands out, and the pushing end that it keeps. */
export class Output {
  readonly stream: Readable;
  #full = false;
  #ended = false;
  #failure: ExportError | undefined;
  #waiting: PromiseWithResolvers<undefined> | undefined;
  readonly #onFailure: () => void;

  /** `onFailure` is called once when no more bytes are accepted, so that the writer frees what it holds. */
  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
    this.stream = new Readable({
      highWaterMark: HIGH_WATER_BYTES,
      read: () => this.#resume(),
      destroy: (error, done) => {
        this.#closed(error);
        done(error);
      },
    });
    // The writer's caller gets the failure from write and finish; without a listener it would end the process as well.
    this.stream.on('error', () => undefined);
  }

  /** Returns whether the receiver is behind. */
  get full(): boolean {
    return this.#full;
  }

  /** Returns why no more bytes are accepted, if so. */
  get failure(): ExportError | undefined {
    return this.#failure;
  }

  push(bytes: Uint8Array): void {
    if (this.#failure === undefined && bytes.length > 0) this.#full = !this.stream.push(bytes);
  }

  end(): void {
    if (this.#failure !== undefined) return;
    this.#ended = true;
    this.stream.push(null);
  }

  /** Ends the stream with an error; the receiver gets `error` itself. */
  fail(error: Error): void {
    if (!this.#ended) this.stream.destroy(error);
  }

  /** Resolves when the receiver has caught up; rejects with `failure` when it is gone. */
  ready(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (!this.#full) return Promise.resolve();
    this.#waiting ??= Promise.withResolvers<undefined>();
    return this.#waiting.promise;
  }

  #resume(): void {
    this.#full = false;
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  #closed(error: Error | null): void {
    if (this.#ended || this.#failure !== undefined) return;
    const cause = error ?? new Error('it was closed before the end');
    // The writer's own error, such as a file that is too large, is not a failure of the receiver.
    this.#failure =
      cause instanceof ExportError
        ? cause
        : new ExportError('SHEET_SINK_FAILED', { params: { reason: cause.message }, cause });
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
    this.#onFailure();
  }
}
