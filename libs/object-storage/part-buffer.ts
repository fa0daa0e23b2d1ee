/** Collects bytes into parts of one size. Each part is a separate buffer, because it is sent while the next one fills. */
export class PartBuffer {
  readonly #partBytes: number;
  #part: Buffer | undefined;
  #filled = 0;

  constructor(partBytes: number) {
    this.#partBytes = partBytes;
  }

  /** Copies the bytes. Returns the parts that became full, in order. */
  add(bytes: Uint8Array): readonly Buffer[] {
    const full: Buffer[] = [];
    for (let taken = 0; taken < bytes.length;) {
      this.#part ??= Buffer.allocUnsafeSlow(this.#partBytes);
      const room = this.#partBytes - this.#filled;
      const piece = bytes.subarray(taken, taken + room);
      this.#part.set(piece, this.#filled);
      this.#filled += piece.length;
      taken += piece.length;
      if (this.#filled === this.#partBytes) full.push(this.rest());
    }
    return full;
  }

  /** Bytes of the part that fills. */
  get filledBytes(): number {
    return this.#filled;
  }

  /** Returns the remaining bytes and empties the buffer. */
  rest(): Buffer {
    const part = this.#part?.subarray(0, this.#filled) ?? Buffer.alloc(0);
    this.#part = undefined;
    this.#filled = 0;
    return part;
  }
}
