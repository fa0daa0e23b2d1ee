/** The most characters of a sheet's name (Excel's specifications and limits). */
const MAX_LENGTH = 31;

/** A name that Excel reserves. */
const RESERVED = 'history';

/** Makes sheet names that Excel accepts and that differ from each other without regard to case. */
export class SheetNames {
  readonly #taken = new Set<string>([RESERVED]);

  /** Returns the wanted name, made valid: `[]:*?/\` become `_`, 31 characters, ` (2)` and so on where it is taken. */
  next(wanted: string): string {
    const base = valid(wanted);
    let name = base;
    for (let copy = 2; this.#taken.has(name.toLowerCase()); copy++) {
      const suffix = ` (${copy})`;
      name = cut(base, MAX_LENGTH - suffix.length) + suffix;
    }
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

function valid(wanted: string): string {
  const name = wanted
    .toWellFormed()
    .replace(/[[\]:*?/\\\u0000-\u001F\uFFFE\uFFFF]/g, '_')
    .trim()
    .replace(/^'|'$/g, '_');
  return name === '' ? 'Sheet' : cut(name, MAX_LENGTH).replace(/'$/, '_');
}

/** Cuts to at most `length` code units, never within a surrogate pair. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
