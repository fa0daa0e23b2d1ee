export { encodedBytes, encodeRow, openPlan, openRows, sealPlan, sealRows } from './payload.ts';
export { batchId } from './types.ts';
export type { BatchPlan, EncodedRow, Row } from './types.ts';
