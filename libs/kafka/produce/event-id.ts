import { v5 as uuidV5 } from 'uuid';

/** Namespace of Waybill's event ids: a random UUID, fixed for ever. */
const namespace = 'c3cdb778-cd50-44fc-aeb7-a19c786a34b9';

/**
 * Id of an event: a UUIDv5 (RFC 9562 §5.5) of what it is about, so that a repeated event has the same id.
 * `sequence` tells events of one type and attempt apart: a batch number, a phase, a download id.
 */
export function eventId(
  jobId: string,
  type: string,
  attempt: number,
  sequence: string | number = '',
): string {
  return uuidV5(JSON.stringify([jobId, type, attempt, String(sequence)]), namespace);
}
