/** Height of one line of the default font, in points. */
const LINE_POINTS = 15;
/** The most lines of a row: Excel's rows have at most 409 points. */
export const MAX_LINES = 27;

/** Returns the height of a row of `lines` lines, in points. */
export function pointsOf(lines: number): number {
  return lines * LINE_POINTS;
}

/**
 * Estimates how many lines a wrapped text takes, at most 27. Excel and LibreOffice do not measure texts when they open a file, so a
 * row without a height would show the first line only. Words wrap before the end of a line, so a line holds a little less
 * than the width of its column.
 */
export function linesOf(text: string, width: number): number {
  const perLine = width - 2;
  let lines = 0;
  let start = 0;
  while (lines < MAX_LINES) {
    const end = text.indexOf('\n', start);
    const length = (end < 0 ? text.length : end) - start;
    lines += Math.max(1, Math.ceil(length / perLine));
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(lines, MAX_LINES);
}
