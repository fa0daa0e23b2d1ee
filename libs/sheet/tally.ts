import type { SheetColumn } from '@waybill/formatting';
import type { Count, Tally } from './types.ts';

/** Counts per column while a file is written. */
export class TallyKeeper {
  rows = 0;
  readonly #columns: readonly SheetColumn[];
  readonly #truncated: Float64Array;
  readonly #asText: Float64Array;
  readonly #replaced: Float64Array;

  constructor(columns: readonly SheetColumn[]) {
    this.#columns = columns;
    this.#truncated = new Float64Array(columns.length);
    this.#asText = new Float64Array(columns.length);
    this.#replaced = new Float64Array(columns.length);
  }

  truncated(column: number): void {
    add(this.#truncated, column, 1);
  }

  asText(column: number): void {
    add(this.#asText, column, 1);
  }

  replaced(column: number, characters: number): void {
    add(this.#replaced, column, characters);
  }

  result(): Tally {
    return {
      rows: this.rows,
      cellsTruncated: this.#count(this.#truncated),
      cellsAsText: this.#count(this.#asText),
      charactersReplaced: this.#count(this.#replaced),
    };
  }

  #count(perColumn: Float64Array): Count {
    const byField: Record<string, number> = {};
    let total = 0;
    this.#columns.forEach(({ name }, at) => {
      const count = perColumn[at] ?? 0;
      total += count;
      if (count > 0) byField[name] = (byField[name] ?? 0) + count;
    });
    return { total, byField };
  }
}

function add(counts: Float64Array, column: number, amount: number): void {
  counts[column] = (counts[column] ?? 0) + amount;
}
