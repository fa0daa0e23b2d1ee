import type { RedrivableService } from '@waybill/schemas';

/** Headers as the client returns them: one value or several for each name. */
export type RawHeaders = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

/** A message as the client returns it. */
export interface RawMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Decimal ms since the epoch. */
  readonly timestamp: string;
  readonly offset: string;
  readonly headers?: RawHeaders | undefined;
}

/** Why and when a message last failed. */
export interface FailureRecord {
  readonly causeCode: string;
  readonly causeMessage: string;
  /** ms since the epoch. */
  readonly failedAt: number;
}

/** A message that a service gave up, with what its headers say; a header that is missing is undefined. */
export interface DeadLetter extends FailureRecord {
  readonly service: RedrivableService;
  /** The id of its event; of a message without one, the place where it was first read. */
  readonly id: string;
  readonly type: string | undefined;
  readonly jobId: string | undefined;
  readonly companyId: string | undefined;
  /** The consumer group that failed. */
  readonly group: string | undefined;
  /** How often it had been tried. */
  readonly tries: number | undefined;
  /** Why no handler would take it from the retry topic, if so. */
  readonly obstacle: string | undefined;
  readonly message: RawMessage;
}
