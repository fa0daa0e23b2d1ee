import { v5 as uuidV5 } from 'uuid';

/** Namespace of Waybill's event ids: a random UUID that never changes. */
const namespace = 'c3cdb778-cd50-44fc-aeb7-a19c786a34b9';

/**
 * Returns the id of an event: a UUIDv5 (RFC 9562 §5.5) of the arguments, so that a repeated event has the same id.
 * `sequence` distinguishes events of one type and attempt: a batch number, a phase, a download id.
 */
export function eventId(
  jobId: string,
  type: string,
  attempt: number,
  sequence: string | number = '',
): string {
  return uuidV5(JSON.stringify([jobId, type, attempt, String(sequence)]), namespace);
}
