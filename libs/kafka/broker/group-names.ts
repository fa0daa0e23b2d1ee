import type { ConsumingService } from '@waybill/schemas';

/** Returns the start of the name of each group that replays a topic for a service. */
export function replayGroupPrefix(service: ConsumingService): string {
  return `waybill.${service}.rebuild.`;
}

/** Returns the group of one replay; each replay has its own, so that the service's own position does not change. */
export function replayGroup(service: ConsumingService, now: Date): string {
  return `${replayGroupPrefix(service)}${now.getTime()}`;
}

/** Returns the group that lists the dead letters of a service once. */
export function redriveGroup(service: ConsumingService, now: Date): string {
  return `waybill.${service}.redrive.${now.getTime()}`;
}
