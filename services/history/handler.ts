import type { Tombstones } from '@waybill/erasure';
import { asExportError } from '@waybill/errors';
import { deadLetter, done, retry, skip, type MessageOf, type Outcome } from '@waybill/kafka';
import type { EntryStore } from './entries/entry-store.ts';
import { entryOf, withoutPerson, type EntryDocument } from './entries/entry.ts';
import type { Registration } from './registration/registration.ts';

export interface ProjectionParts {
  readonly entries: EntryStore;
  readonly erasures: Tombstones;
  readonly now: () => number;
}

export interface HandlerParts extends ProjectionParts {
  readonly registration: Registration;
  /** Rows above which the company asks to be told, where the entry is above; else null. */
  readonly thresholdOf: (entry: EntryDocument) => Promise<number | null>;
}

export interface Circumstances {
  readonly signal: AbortSignal;
}

type Message = Pick<MessageOf<'export.completed'>, 'event' | 'traceparent'>;
export type Handle = (message: Message, circumstances: Circumstances) => Promise<Outcome>;

/** Takes up one ended export: the entry first, then the word that it was taken up. */
export function createHandler(parts: HandlerParts): Handle {
  const { put } = parts.entries;
  return (message, { signal }) =>
    project(parts, message, put, async (entry) => {
      const threshold = await parts.thresholdOf(entry);
      await parts.registration.register({ entry, threshold, traceparent: message.traceparent, signal });
    });
}

/** The entry alone, with nothing told to anybody: what a rebuild does. */
export function createProjection(parts: ProjectionParts): Handle {
  return (message) => project(parts, message, parts.entries.restore, () => Promise.resolve());
}

async function project(
  parts: ProjectionParts,
  { event }: Message,
  write: (entry: EntryDocument) => Promise<boolean>,
  tell: (entry: EntryDocument) => Promise<void>,
): Promise<Outcome> {
  const entry = entryOf(event);
  if (entry === undefined) return skip('nobody is known to have asked');
  if (parts.now() >= entry.keep_until.getTime()) return skip('the entry is past its time');
  try {
    const erased = await parts.erasures.coverOf({
      companyId: entry.company_id,
      userId: entry.user_id,
      requestedAt: entry.requested_at.getTime(),
    });
    if (erased === 'company') return skip('the company was erased');
    await write(erased === 'person' ? withoutPerson(entry) : entry);
    if (erased === undefined) await tell(entry);
    return done();
  } catch (error) {
    const cause = asExportError(error, 'EXPORT_FAILED');
    return cause.retryable ? retry(cause) : deadLetter(cause);
  }
}
