export { encodedBytes, encodeRow } from './encoding.ts';
export { openPlan, openRows, sealPlan, sealRows } from './seal.ts';
export type { BatchId, BatchPlan, EncodedRow, Row } from './types.ts';
