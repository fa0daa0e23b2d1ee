import { join } from 'node:path';

/**
 * Returns a path in the directory for state, logs and data: WAYBILL_DIRECTORY, or `.waybill` at the root of the checkout.
 */
export function waybillPath(...names: readonly string[]): string {
  const wanted = process.env['WAYBILL_DIRECTORY'] ?? '';
  const root = wanted === '' ? join(import.meta.dirname, '..', '..', '.waybill') : wanted;
  return join(root, ...names);
}
