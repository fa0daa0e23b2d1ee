/** Registers an entry: creates its registration, posts it to another system if one is configured, then emits the product event. */
import { alertThreshold, type ContactSource } from '@waybill/contacts';
import { companyId } from '@waybill/domain';
import { asExportError } from '@waybill/errors';
import { activityEntry } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/mongo';
import type { Logger } from '@waybill/observability';
import type { EntryStore } from '../entries/entry-store.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { historyEntryOf, type ExportHistoryRegistrar } from './registrar.ts';
import { registrationId, type RegistrationStore } from './registration-store.ts';

export interface RegistrationDeps {
  readonly registrations: RegistrationStore;
  readonly entries: Pick<EntryStore, 'find'>;
  readonly contacts: Pick<ContactSource, 'tenant'>;
  /** Undefined if no other system is configured: then this service is the history. */
  readonly registrar: ExportHistoryRegistrar | undefined;
  /** Publishes the outbox of a registration now. The outbox's own loop publishes the rest later. */
  readonly relay: (registrationId: string) => Promise<boolean>;
  readonly downloadUrl: (jobId: string) => string;
  /** A pending registration is offered again after this time, in milliseconds. */
  readonly againAfterMs: number;
  readonly logger: Logger;
  readonly now: () => Date;
}

export interface RegistrationRequest {
  readonly entry: EntryDocument;
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal;
}

export interface Registration {
  /** Registers an attempt of a job once. A failure of the other system is logged and retried by `catchUp`. */
  register(request: RegistrationRequest): Promise<void>;
  /** Offers the other system the registrations of the last day that it has not accepted. */
  catchUp(signal: AbortSignal): Promise<void>;
}

/** 120 days: longer than export.completed is kept (100), so that no replay registers again. */
const registrationTtlMs = 120 * 86_400_000;
const catchUpMs = 86_400_000;
const catchUpLimit = 100;

export function createRegistration(deps: RegistrationDeps): Registration {
  const { registrations, registrar } = deps;
  return {
    register: async (request) => {
      const { entry, traceparent } = request;
      // The CRM's value of today is stored: a rebuild of the entries does not change it.
      const rows = entry.receipt?.written ?? 0;
      const threshold = (await alertThreshold(deps.contacts, companyId(entry.company_id), rows)) ?? null;
      const now = deps.now();
      const isHere = registrar === undefined;
      const isNew = await registrations.add({
        _id: registrationId(entry),
        job_id: entry._id,
        attempt: entry.attempt,
        company_id: entry.company_id,
        state: isHere ? 'registered' : 'pending',
        threshold,
        traceparent: traceparent ?? null,
        at: now,
        keep_until: new Date(now.getTime() + registrationTtlMs),
        outbox: isHere ? [historyRegistered(entry, now, traceparent)] : [],
        outbox_pending: isHere,
      });
      if (!isNew) return;
      if (isHere) await deps.relay(registrationId(entry));
      else await offer(deps, registrar, request);
    },
    catchUp: async (signal) => {
      if (registrar === undefined) return;
      const now = deps.now().getTime();
      const at = { from: new Date(now - catchUpMs), before: new Date(now - deps.againAfterMs) };
      for (const { job_id, attempt, traceparent } of await registrations.pending(at, catchUpLimit)) {
        const entry = await deps.entries.find(job_id);
        // A newer attempt has replaced it and is offered instead.
        if (entry?.attempt !== attempt) continue;
        const request = { entry, traceparent: traceparent ?? undefined, signal };
        // While the other system is down, the rest would fail in the same way.
        if (signal.aborted || !(await offer(deps, registrar, request))) return;
      }
    },
  };
}

/** Posts the entry to the other system. Returns false if that system is down. */
async function offer(
  deps: RegistrationDeps,
  registrar: ExportHistoryRegistrar,
  { entry, traceparent, signal }: RegistrationRequest,
): Promise<boolean> {
  const id = registrationId(entry);
  try {
    await registrar.register(historyEntryOf(entry, deps.downloadUrl(entry._id)), { signal });
  } catch (error) {
    deps.logger.warn({ job_id: entry._id, company_id: entry.company_id, error }, 'entry not registered');
    if (asExportError(error, 'RECEIVER_UNAVAILABLE').retryable) return false;
    await deps.registrations.refuse(id);
    return true;
  }
  await deps.registrations.complete(id, historyRegistered(entry, deps.now(), traceparent));
  await deps.relay(id);
  return true;
}

/** Returns the product event of a registered entry: one for each attempt of a job. */
function historyRegistered(entry: EntryDocument, at: Date, traceparent: string | undefined): OutboxEntry {
  return activityEntry({
    name: 'cdp_export_history_registered',
    companyId: entry.company_id,
    jobId: entry._id,
    userId: entry.user_id,
    attempt: entry.attempt,
    at: at.getTime(),
    attributes: { outcome: entry.outcome, format: entry.spec.format, attempt: String(entry.attempt) },
    traceparent,
  });
}
