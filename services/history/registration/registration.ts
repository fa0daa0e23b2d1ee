/** Takes an entry up: claims it, tells another system where one is set, and then product teams. */
import { asExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { historyRegistered } from '../activity.ts';
import type { EntryStore } from '../entries/entry-store.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { historyEntryOf, type ExportHistoryRegistrar } from './registrar.ts';
import { registrationId, type RegistrationStore } from './registration-store.ts';

export interface RegistrationParts {
  readonly registrations: RegistrationStore;
  readonly entries: Pick<EntryStore, 'find'>;
  /** Undefined where no other system is set: the history itself is the registrar then. */
  readonly registrar: ExportHistoryRegistrar | undefined;
  /** Publishes the outbox of a registration now; what it cannot, the sweep will. */
  readonly relay: (registrationId: string) => Promise<boolean>;
  readonly downloadUrl: (jobId: string) => string;
  /** So long the first try is left alone, in milliseconds. */
  readonly againAfterMs: number;
  readonly logger: Logger;
  readonly now: () => number;
}

export interface Registering {
  readonly entry: EntryDocument;
  /** Rows above which the company asks to be told, where the export is above. */
  readonly threshold: number | null;
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal;
}

export interface Registration {
  /** Once for each attempt of a job; that the other system fails is never fatal. */
  register(registering: Registering): Promise<void>;
  /** Offers the other system what it has not taken in the last day. */
  catchUp(signal: AbortSignal): Promise<void>;
}

/** Longer than export.completed is kept (100 d). */
const registrationTtlMs = 120 * 86_400_000;
const catchUpMs = 86_400_000;
const catchUpLimit = 100;

export function createRegistration(parts: RegistrationParts): Registration {
  const { registrations, registrar } = parts;
  return {
    register: async ({ entry, threshold, traceparent, signal }) => {
      const now = parts.now();
      const isOurs = registrar === undefined;
      const isNew = await registrations.add({
        _id: registrationId(entry),
        job_id: entry._id,
        attempt: entry.attempt,
        company_id: entry.company_id,
        state: isOurs ? 'registered' : 'pending',
        threshold,
        traceparent: traceparent ?? null,
        at: new Date(now),
        keep_until: new Date(now + registrationTtlMs),
        outbox: isOurs ? [historyRegistered(entry, now, traceparent)] : [],
        outbox_pending: isOurs,
      });
      if (!isNew) return;
      if (isOurs) await parts.relay(registrationId(entry));
      else await offer(parts, registrar, { entry, traceparent, signal });
    },
    catchUp: async (signal) => {
      if (registrar === undefined) return;
      const now = parts.now();
      const at = { from: new Date(now - catchUpMs), before: new Date(now - parts.againAfterMs) };
      for (const { job_id, attempt, traceparent } of await registrations.pending(at, catchUpLimit)) {
        const entry = await parts.entries.find(job_id);
        // A newer attempt has taken its place: that one is offered instead.
        if (entry?.attempt !== attempt) continue;
        const offering = { entry, traceparent: traceparent ?? undefined, signal };
        // While the other system is away, the rest would fail the same way.
        if (signal.aborted || !(await offer(parts, registrar, offering))) return;
      }
    },
  };
}

/** False where the other system is away. */
async function offer(
  parts: RegistrationParts,
  registrar: ExportHistoryRegistrar,
  { entry, traceparent, signal }: Omit<Registering, 'threshold'>,
): Promise<boolean> {
  const id = registrationId(entry);
  try {
    await registrar.register(historyEntryOf(entry, parts.downloadUrl(entry._id)), { signal });
  } catch (error) {
    parts.logger.warn({ job_id: entry._id, company_id: entry.company_id, error }, 'entry not registered');
    if (asExportError(error, 'RECEIVER_UNAVAILABLE').retryable) return false;
    await parts.registrations.refuse(id);
    return true;
  }
  await parts.registrations.complete(id, historyRegistered(entry, parts.now(), traceparent));
  await parts.relay(id);
  return true;
}
