import { asExportError } from '@waybill/errors';
import { deadLetter, done, retry, skip, type MessageOf, type Outcome } from '@waybill/kafka';
import { historyRegistered } from './activity.ts';
import type { EntryStore } from './entry-store.ts';
import { entryOf } from './entry.ts';
import type { RegistrationStore } from './registration-store.ts';

export interface HandlerParts {
  readonly entries: EntryStore;
  readonly registrations: RegistrationStore;
  /** Publishes the outbox of a registration now; what it cannot, the sweep will. */
  readonly relay: (registrationId: string) => Promise<boolean>;
  readonly now: () => number;
}

/** Longer than export.completed is kept (100 d). */
const registrationTtlMs = 120 * 86_400_000;

type Message = Pick<MessageOf<'export.completed'>, 'event' | 'traceparent'>;

/** Takes up one ended export: the entry first, then the word that it was taken up. */
export function createHandler(parts: HandlerParts): (message: Message) => Promise<Outcome> {
  return async (message) => {
    const entry = entryOf(message.event);
    if (entry === undefined) return skip('nobody is known to have asked');
    const now = parts.now();
    if (now >= entry.keep_until.getTime()) return skip('the entry is past its time');
    try {
      await parts.entries.put(entry);
      const id = `${entry._id}:${entry.attempt}`;
      const isNew = await parts.registrations.add({
        _id: id,
        job_id: entry._id,
        company_id: entry.company_id,
        at: new Date(now),
        keep_until: new Date(now + registrationTtlMs),
        outbox: [historyRegistered(entry, now, message.traceparent)],
        outbox_pending: true,
      });
      if (isNew) await parts.relay(id);
      return done();
    } catch (error) {
      const cause = asExportError(error, 'EXPORT_FAILED');
      return cause.retryable ? retry(cause) : deadLetter(cause);
    }
  };
}
