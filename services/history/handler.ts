import type { Tombstones } from '@waybill/erasure';
import { causeOf } from '@waybill/errors';
import {
  deadLetter,
  done,
  retry,
  skip,
  type HandlerContext,
  type MessageOf,
  type Outcome,
} from '@waybill/kafka';
import type { EntryStore } from './entries/entry-store.ts';
import { entryOf, withoutPerson, type EntryDocument } from './entries/entry.ts';
import type { Registration } from './registration/registration.ts';

export interface ProjectionDeps {
  readonly entries: EntryStore;
  readonly erasures: Tombstones;
  readonly now: () => Date;
}

export interface HandlerDeps extends ProjectionDeps {
  readonly registration: Registration;
}

type Message = Pick<MessageOf<'export.completed'>, 'event' | 'traceparent'>;
export type Handle = (message: Message, context: Pick<HandlerContext, 'signal'>) => Promise<Outcome>;

/** Returns the handler of export.completed: it stores the entry first and then registers it. */
export function createHandler(deps: HandlerDeps): Handle {
  const { put } = deps.entries;
  return (message, { signal }) =>
    project(deps, message, {
      write: put,
      stored: (entry) => deps.registration.register({ entry, traceparent: message.traceparent, signal }),
    });
}

/** Returns a handler that stores the entry and registers nothing, for a rebuild. */
export function createProjection(deps: ProjectionDeps): Handle {
  const { restore } = deps.entries;
  return (message) => project(deps, message, { write: restore, stored: () => Promise.resolve() });
}

interface Projection {
  readonly write: (entry: EntryDocument) => Promise<boolean>;
  /** Called after the entry was written, unless its person was erased. */
  readonly stored: (entry: EntryDocument) => Promise<void>;
}

async function project(
  deps: ProjectionDeps,
  { event }: Message,
  { write, stored }: Projection,
): Promise<Outcome> {
  const entry = entryOf(event);
  if (entry === undefined) return skip('the requester is unknown');
  if (deps.now() >= entry.keep_until) return skip('the entry has expired');
  try {
    const erased = await deps.erasures.coverOf({
      companyId: entry.company_id,
      userId: entry.user_id,
      requestedAt: entry.requested_at.getTime(),
    });
    if (erased === 'company') return skip('the company was erased');
    await write(erased === 'person' ? withoutPerson(entry) : entry);
    if (erased === undefined) await stored(entry);
    return done();
  } catch (error) {
    const cause = causeOf(error);
    return cause.retryable ? retry(cause) : deadLetter(cause);
  }
}
