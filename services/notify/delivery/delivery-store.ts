import { stored, unlessTaken, type OutboxEntry } from '@waybill/mongo';
import type { ExportCompleted } from '@waybill/schemas';
import type { Collection } from 'mongodb';
import type { Template } from '../ended-export.ts';
import { stateAfter, type DeliveryState, type SendResult } from './delivery.ts';

/** A delivery record. It does not contain the recipient: its id is a hash. */
export interface DeliveryDocument {
  readonly _id: string;
  readonly job_id: string;
  readonly company_id: string;
  readonly template: Template;
  readonly state: DeliveryState;
  /** Sends so far. Also the fencing token: only the send that holds this number may record its result. */
  readonly tries: number;
  /** When the latest send was reserved. */
  readonly reserved_at: Date;
  readonly sent_at: Date | null;
  /** The mail server's latest answer. */
  readonly answer: string | null;
  /** The event of the email, kept until it is sent, so that an operator can resend a stuck one. */
  readonly event: ExportCompleted | null;
  /** Records outlive the topic (100 d), so that a replay sends nothing. */
  readonly keep_until: Date;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
}

/** The right to send once. */
export type Reservation = Pick<DeliveryDocument, '_id' | 'tries'>;

export interface NewDelivery {
  readonly id: string;
  readonly template: Template;
  readonly event: ExportCompleted;
}

/** The result of a send, and the events to publish because of it. */
export interface RecordedSend {
  readonly result: SendResult;
  readonly at: Date;
  readonly events: readonly OutboxEntry[];
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface DeliveryStore {
  stateOf(id: string): Promise<DeliveryState | undefined>;
  find(id: string): Promise<DeliveryDocument | undefined>;
  /** Inserts the record in state sending. Returns undefined where another process was first. */
  reserve(delivery: NewDelivery, now: Date): Promise<Reservation | undefined>;
  /** retryable → sending. Returns undefined where another process was first. */
  reserveAgain(id: string, now: Date): Promise<Reservation | undefined>;
  /** Writes the result of a send and its events in one update. Ignored where a later send holds the record. */
  record(reservation: Reservation, send: RecordedSend): Promise<void>;
  /** sending → stuck for those reserved before an instant. Returns the ones that this call changed. */
  markStuck(reservedBefore: Date): Promise<readonly DeliveryDocument[]>;
  /** stuck → retryable, on an operator's request. Returns false where it is not stuck. */
  release(id: string): Promise<boolean>;
  /** Returns the stuck deliveries of one company. */
  listStuck(companyId: string, limit: number): Promise<readonly DeliveryDocument[]>;
  countStuck(): Promise<number>;
  /** Removes records past `keep_until` whose events are published. Returns how many. */
  removeExpired(now: Date): Promise<number>;
}

/** 120 d: longer than export.completed is kept. */
const recordTtlMs = 120 * 86_400_000;

export function createDeliveryStore(deliveries: Collection<DeliveryDocument>): DeliveryStore {
  return {
    stateOf: async (id) =>
      (await stored(deliveries.findOne({ _id: id }, { projection: { state: 1 } })))?.state,
    find: async (id) => (await stored(deliveries.findOne({ _id: id }))) ?? undefined,
    reserve: async ({ id, template, event }, now) => {
      const document: DeliveryDocument = {
        _id: id,
        job_id: event.job_id,
        company_id: event.company_id,
        template,
        state: 'sending',
        tries: 1,
        reserved_at: now,
        sent_at: null,
        answer: null,
        event,
        keep_until: new Date(now.getTime() + recordTtlMs),
        outbox: [],
        outbox_pending: false,
      };
      return (await unlessTaken(deliveries.insertOne(document))) ? { _id: id, tries: 1 } : undefined;
    },
    reserveAgain: async (id, now) => {
      const update = { $set: { state: 'sending' as const, reserved_at: now }, $inc: { tries: 1 } };
      const reserved = await stored(
        deliveries.findOneAndUpdate({ _id: id, state: 'retryable' }, update, { returnDocument: 'after' }),
      );
      return reserved === null ? undefined : { _id: id, tries: reserved.tries };
    },
    record: async (reservation, { result, at, events }) => {
      const sent = result.kind === 'accepted';
      const answer = sent ? result.response : result.reason;
      // A late send may have been marked as stuck meanwhile. Its own result is still the true one.
      const filter = { ...reservation, state: { $in: ['sending' as const, 'stuck' as const] } };
      const changes = { state: stateAfter(result), answer };
      await stored(
        sent
          ? deliveries.updateOne(filter, {
              $set: { ...changes, sent_at: at, event: null, outbox_pending: events.length > 0 },
              $push: { outbox: { $each: [...events] } },
            })
          : deliveries.updateOne(filter, { $set: changes }),
      );
    },
    markStuck: async (reservedBefore) => {
      const late = await stored(
        deliveries.find({ state: 'sending', reserved_at: { $lt: reservedBefore } }).toArray(),
      );
      const changed = [];
      for (const { _id, tries } of late) {
        const filter = { _id, tries, state: 'sending' as const };
        const after = await stored(
          deliveries.findOneAndUpdate(filter, { $set: { state: 'stuck' } }, { returnDocument: 'after' }),
        );
        if (after !== null) changed.push(after);
      }
      return changed;
    },
    release: async (id) => {
      const released = await stored(
        deliveries.updateOne({ _id: id, state: 'stuck' }, { $set: { state: 'retryable' } }),
      );
      return released.modifiedCount === 1;
    },
    listStuck: (companyId, limit) =>
      stored(deliveries.find({ company_id: companyId, state: 'stuck' }).limit(limit).toArray()),
    countStuck: () => stored(deliveries.countDocuments({ state: 'stuck' })),
    removeExpired: async (now) =>
      (await stored(deliveries.deleteMany({ keep_until: { $lt: now }, outbox_pending: false }))).deletedCount,
  };
}
