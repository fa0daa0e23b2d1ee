import { delayAfter, type BackOff } from '@waybill/service';
import type { TryResult } from './delivery.ts';

/** What a process knows about the mail server. All instants are epoch milliseconds. */
export interface Outage {
  /** Tries in a row that found it unavailable; those that ran at the same time count once. */
  readonly failures: number;
  /** When the next try may start. */
  readonly probeAt: number;
}

export const noOutage: Outage = { failures: 0, probeAt: 0 };

/** Returns what a process knows after a try. `random` is in [0, 1). */
export function outageAfter(
  outage: Outage,
  { kind }: Pick<TryResult, 'kind'>,
  { probe, now, random }: { readonly probe: BackOff; readonly now: number; readonly random: number },
): Outage {
  switch (kind) {
    case 'unavailable': {
      if (now < outage.probeAt) return outage;
      const failures = outage.failures + 1;
      return { failures, probeAt: now + delayAfter(failures, probe, random) };
    }
    case 'accepted':
    case 'refused':
    case 'unknown':
      return noOutage;
    case 'not-sent':
    case 'withdrawn':
      // The mail server may not have been asked.
      return outage;
  }
}

/** Returns whether another send may start: during an outage one at a time, and not before its time. */
export function maySend(
  { failures, probeAt }: Outage,
  {
    sending,
    connections,
    now,
  }: { readonly sending: number; readonly connections: number; readonly now: number },
): boolean {
  return failures === 0 ? sending < connections : sending === 0 && now >= probeAt;
}
