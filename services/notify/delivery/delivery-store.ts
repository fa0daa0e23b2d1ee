import type { ErrorCode } from '@waybill/errors';
import {
  newestPage,
  removeUpTo,
  stored,
  unlessTaken,
  type OutboxEntry,
  type Page,
  type PageRequest,
} from '@waybill/mongo';
import type { ExportCompleted } from '@waybill/schemas';
import type { Collection } from 'mongodb';
import type { Template } from '../ended-export.ts';
import type { DeliveryState, Verdict } from './delivery.ts';

/** A delivery record. It does not contain the recipient: its id is a hash. */
export interface DeliveryDocument {
  readonly _id: string;
  readonly job_id: string;
  readonly company_id: string;
  readonly template: Template;
  readonly state: DeliveryState;
  /** When it is due; null where it is not scheduled. */
  readonly next_attempt_at: Date | null;
  /** Leases so far. Also the fencing token: only the lease with this number may hand over and record its result. */
  readonly tries: number;
  /** When the latest try started. */
  readonly attempted_at: Date | null;
  readonly sent_at: Date | null;
  /** The mail server's latest answer, or why the message was not handed over. */
  readonly answer: string | null;
  /** The code of what ended a failed delivery. */
  readonly cause: ErrorCode | null;
  /** The event of the email, kept while it can still be sent. */
  readonly event: ExportCompleted | null;
  readonly traceparent: string | null;
  /** Records outlive the topic (100 d), so that a replay sends nothing. */
  readonly keep_until: Date;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
}

export interface NewDelivery {
  readonly id: string;
  readonly template: Template;
  readonly event: ExportCompleted;
  readonly traceparent: string | undefined;
}

/** The right to try a delivery once: its id and the number of the try. */
export type Lease = Pick<DeliveryDocument, '_id' | 'tries'>;

/** When a lease starts and ends. */
export interface LeaseTime {
  readonly now: Date;
  readonly until: Date;
}

/** The result of a try, and the events to publish because of it. */
export interface RecordedTry {
  readonly verdict: Verdict;
  readonly answer: string | null;
  readonly at: Date;
  readonly events: readonly OutboxEntry[];
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface DeliveryStore {
  /** Inserts a delivery that is due now. Returns false where it has a record already. */
  add(delivery: NewDelivery, now: Date): Promise<boolean>;
  find(id: string): Promise<DeliveryDocument | undefined>;
  /** Leases the delivery that is due for the longest time. Returns undefined where none is due. */
  leaseDue(time: LeaseTime): Promise<DeliveryDocument | undefined>;
  /** Schedules a stuck or failed delivery of a company again and leases it. Returns undefined where it is neither. */
  leaseAgain(
    delivery: { readonly id: string; readonly companyId: string },
    time: LeaseTime,
  ): Promise<DeliveryDocument | undefined>;
  /** scheduled → sending. Returns false where another lease holds the delivery, or where it was erased. */
  handOver(lease: Lease, now: Date): Promise<boolean>;
  /** Writes the result of a try and its events in one update. Ignored where a later lease holds the delivery. */
  record(lease: Lease, result: RecordedTry): Promise<void>;
  /** sending → stuck for those whose try started before an instant. Returns the ones that this call changed. */
  markStuck(attemptedBefore: Date): Promise<readonly DeliveryDocument[]>;
  /** Returns a page of the deliveries of one company in a state, newest first. */
  page(
    deliveries: { readonly companyId: string; readonly state: DeliveryState },
    options: PageRequest,
  ): Promise<Page<DeliveryDocument>>;
  count(state: DeliveryState): Promise<number>;
  /** Removes records past `keep_until` whose events are published. Returns how many. */
  removeExpired(now: Date): Promise<number>;
}

/** 120 d: longer than export.completed is kept. */
const recordTtlMs = 120 * 86_400_000;

export function createDeliveryStore(deliveries: Collection<DeliveryDocument>): DeliveryStore {
  return {
    add: ({ id, template, event, traceparent }, now) =>
      unlessTaken(
        deliveries.insertOne({
          _id: id,
          job_id: event.job_id,
          company_id: event.company_id,
          template,
          state: 'scheduled',
          next_attempt_at: now,
          tries: 0,
          attempted_at: null,
          sent_at: null,
          answer: null,
          cause: null,
          event,
          traceparent: traceparent ?? null,
          keep_until: new Date(now.getTime() + recordTtlMs),
          outbox: [],
          outbox_pending: false,
        }),
      ),
    find: async (id) => (await stored(deliveries.findOne({ _id: id }))) ?? undefined,
    leaseDue: async ({ now, until }) => {
      const leased = await stored(
        deliveries.findOneAndUpdate(
          { state: 'scheduled', next_attempt_at: { $lte: now } },
          { $set: { next_attempt_at: until, attempted_at: now }, $inc: { tries: 1 } },
          { sort: { next_attempt_at: 1 }, returnDocument: 'after' },
        ),
      );
      return leased ?? undefined;
    },
    leaseAgain: async ({ id, companyId }, { now, until }) => {
      const leased = await stored(
        deliveries.findOneAndUpdate(
          { _id: id, company_id: companyId, state: { $in: ['stuck', 'failed'] }, event: { $ne: null } },
          {
            $set: { state: 'scheduled', next_attempt_at: until, attempted_at: now, cause: null },
            $inc: { tries: 1 },
          },
          { returnDocument: 'after' },
        ),
      );
      return leased ?? undefined;
    },
    handOver: async ({ _id, tries }, now) => {
      const handedOver = await stored(
        deliveries.updateOne(
          { _id, tries, state: 'scheduled' },
          { $set: { state: 'sending', next_attempt_at: null, attempted_at: now } },
        ),
      );
      return handedOver.modifiedCount === 1;
    },
    record: async ({ _id, tries }, { verdict, answer, at, events }) => {
      const { state } = verdict;
      const changes = {
        state,
        answer,
        next_attempt_at: state === 'scheduled' ? verdict.nextAttemptAt : null,
        cause: state === 'failed' ? verdict.cause : null,
        ...(state === 'sent' ? { sent_at: at } : {}),
        ...(canBeSent(verdict) ? {} : { event: null }),
        ...(events.length > 0 ? { outbox_pending: true } : {}),
      };
      await stored(
        deliveries.updateOne(
          // A late try may have been marked as stuck meanwhile. Its own result is still the true one.
          { _id, tries, state: { $in: ['scheduled', 'sending', 'stuck'] } },
          { $set: changes, $push: { outbox: { $each: [...events] } } },
        ),
      );
    },
    markStuck: async (attemptedBefore) => {
      const late = await stored(
        deliveries.find({ state: 'sending', attempted_at: { $lt: attemptedBefore } }).toArray(),
      );
      const changed = [];
      for (const { _id, tries, event } of late) {
        const filter = { _id, tries, state: 'sending' as const };
        // The person was erased during the send: nobody could resend it.
        const state = event === null ? 'withdrawn' : 'stuck';
        const after = await stored(
          deliveries.findOneAndUpdate(filter, { $set: { state } }, { returnDocument: 'after' }),
        );
        if (after?.state === 'stuck') changed.push(after);
      }
      return changed;
    },
    // Each record is kept for the same time, so this is the order in which they were added.
    page: ({ companyId, state }, page) =>
      newestPage(deliveries, { company_id: companyId, state }, { ...page, by: 'keep_until' }),
    count: (state) => stored(deliveries.countDocuments({ state })),
    removeExpired: (now) => removeUpTo(deliveries, { keep_until: { $lt: now }, outbox_pending: false }),
  };
}

/** Returns whether a delivery may be sent after this verdict, so that its event is still needed. */
function canBeSent(verdict: Verdict): boolean {
  if (verdict.state === 'failed') return verdict.cause !== 'EXPORT_EXPIRED';
  return verdict.state === 'scheduled' || verdict.state === 'stuck';
}
