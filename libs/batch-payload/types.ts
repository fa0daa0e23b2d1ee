import type { Column, JsonValue } from '@waybill/formatting';

/** Which message a payload belongs to. It is authenticated with the payload, so that no payload can stand in another's place. */
export interface BatchId {
  readonly companyId: string;
  readonly jobId: string;
  readonly attempt: number;
  /** 0 for the plan, from 1 for rows. */
  readonly number: number;
}

/** What render has to know before the first row. */
export interface BatchPlan {
  readonly columns: readonly Column[];
  /** Size of the frozen selection. */
  readonly total: number;
  /** When the selection was frozen, in ms since the epoch. */
  readonly snapshotAt: number;
}

/** One contact's values in the order of the plan's columns. */
export type Row = readonly JsonValue[];

/** A row as it travels: its JSON text. Encoded one by one, so that a batch can be cut by size before it is sealed. */
export type EncodedRow = string & { readonly __brand: 'EncodedRow' };
