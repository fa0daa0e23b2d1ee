import { removeUpTo, stored, unlessTaken, type OutboxEntry } from '@waybill/mongo';
import type { Collection } from 'mongodb';

/** `refused`: the other system rejected it for good. */
export type RegistrationState = 'pending' | 'registered' | 'refused';

/**
 * The registration of an attempt of a job. Stored apart from the entries and kept longer than the topic, so that
 * neither a replay nor a rebuild registers it again.
 */
export interface RegistrationDocument {
  /** `JOB:ATTEMPT` */
  readonly _id: string;
  readonly job_id: string;
  readonly attempt: number;
  readonly company_id: string;
  readonly state: RegistrationState;
  /** The company's alert threshold of that day if the export exceeded it, else null. */
  readonly threshold: number | null;
  readonly traceparent: string | null;
  readonly at: Date;
  readonly keep_until: Date;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface RegistrationStore {
  /** Inserts a registration. Returns false if it exists already. */
  add(registration: RegistrationDocument): Promise<boolean>;
  /** Changes pending to registered and adds the product event in the same write. */
  complete(id: string, event: OutboxEntry): Promise<void>;
  /** Changes pending to refused. */
  refuse(id: string): Promise<void>;
  /** Returns the registrations of that period that are still pending, oldest first. */
  pending(
    at: { readonly from: Date; readonly before: Date },
    limit: number,
  ): Promise<readonly RegistrationDocument[]>;
  /** Returns the thresholds that exports exceeded, by registration id. */
  thresholds(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Removes expired registrations whose event is published and returns how many there were. */
  removePast(now: Date): Promise<number>;
}

export function registrationId(entry: { readonly _id: string; readonly attempt: number }): string {
  return `${entry._id}:${entry.attempt}`;
}

export function createRegistrationStore(registrations: Collection<RegistrationDocument>): RegistrationStore {
  return {
    add: (registration) => unlessTaken(registrations.insertOne(registration)),
    complete: async (id, event) => {
      await stored(
        registrations.updateOne(
          { _id: id, state: 'pending' },
          { $set: { state: 'registered', outbox_pending: true }, $push: { outbox: event } },
        ),
      );
    },
    refuse: async (id) => {
      await stored(registrations.updateOne({ _id: id, state: 'pending' }, { $set: { state: 'refused' } }));
    },
    pending: ({ from, before }, limit) =>
      stored(
        registrations
          .find({ state: 'pending', at: { $gte: from, $lt: before } })
          .sort({ at: 1 })
          .limit(limit)
          .toArray(),
      ),
    thresholds: async (ids) => {
      const found = await stored(
        registrations
          .find({ _id: { $in: [...ids] }, threshold: { $ne: null } }, { projection: { threshold: 1 } })
          .toArray(),
      );
      return new Map(found.map(({ _id, threshold }) => [_id, threshold ?? 0]));
    },
    removePast: (now) => removeUpTo(registrations, { keep_until: { $lt: now }, outbox_pending: false }),
  };
}
