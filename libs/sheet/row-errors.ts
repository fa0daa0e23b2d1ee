import { ExportError } from '@waybill/errors';

/**
 * Checks that a row has a cell for each column. `row` counts from 1 without the header.
 * @throws ExportError `SHEET_ROW_LENGTH`
 */
export function requireLength({ length }: readonly unknown[], expected: number, row: number): void {
  if (length !== expected) {
    throw new ExportError('SHEET_ROW_LENGTH', { params: { row, actual: length, expected } });
  }
}

/** Returns the error for a value that is not a cell. `row` counts from 1 without the header. */
export function unknownCell(row: number, column: number, cell: unknown): ExportError {
  return new ExportError('SHEET_CELL_UNKNOWN', { params: { row, column: column + 1, kind: kindOf(cell) } });
}

function kindOf(cell: unknown): string {
  if (typeof cell === 'object' && cell !== null && 'kind' in cell) return String(cell.kind);
  return typeof cell === 'number' ? String(cell) : typeof cell;
}
