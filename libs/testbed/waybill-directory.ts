import { join } from 'node:path';

/**
 * A path in the folder of everything that a run leaves behind: `.waybill` at the root of the checkout, or what
 * WAYBILL_DIRECTORY says.
 */
export function waybillPath(...names: readonly string[]): string {
  const wanted = process.env['WAYBILL_DIRECTORY'] ?? '';
  const root = wanted === '' ? join(import.meta.dirname, '..', '..', '.waybill') : wanted;
  return join(root, ...names);
}
