export { encodedBytes, encodeRow } from './encoding.ts';
export { openPlan, openRows, sealPlan, sealRows } from './seal.ts';
export { batchId } from './types.ts';
export type { BatchId, BatchPlan, EncodedRow, Row } from './types.ts';
