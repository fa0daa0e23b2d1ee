/** Returns a column's letters: 0 is A, 25 is Z, 26 is AA. */
export function columnLetters(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnLetters(Math.floor(column / 26) - 1) + letter;
}

/** Returns the range of a table that starts at A1, such as `A1:AD100001`, or with `$` before each part. */
export function tableRange(columns: number, rows: number, anchor: '' | '$' = ''): string {
  return `${anchor}A${anchor}1:${anchor}${columnLetters(columns - 1)}${anchor}${rows}`;
}
