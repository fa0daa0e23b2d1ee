import { stored, unlessTaken, type OutboxEntry } from '@waybill/mongo';
import type { ExportCompleted } from '@waybill/schemas';
import type { Collection } from 'mongodb';
import { stateAfter, type DeliveryState, type SendResult, type Template } from './delivery.ts';

/** A delivery as stored. It says nothing about the recipient: its id is a hash. */
export interface DeliveryDocument {
  readonly _id: string;
  readonly job_id: string;
  readonly company_id: string;
  readonly template: Template;
  readonly state: DeliveryState;
  /** Sends so far; also the fence: only the try that holds this number may write what came of it. */
  readonly tries: number;
  readonly claimed_at: Date;
  readonly sent_at: Date | null;
  /** The mail server's last word. */
  readonly answer: string | null;
  /** What the email is about, kept until it is sent, so that an operator can have a stuck one sent again. */
  readonly event: ExportCompleted | null;
  /** Claims outlive the topic (100 d), so that a replay sends nothing. */
  readonly keep_until: Date;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
}

/** The right to send once. */
export type Claim = Pick<DeliveryDocument, '_id' | 'tries'>;

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface DeliveryStore {
  stateOf(id: string): Promise<DeliveryState | undefined>;
  find(id: string): Promise<DeliveryDocument | undefined>;
  /** Undefined where another try was first. */
  claim(fresh: FreshDelivery, now: Date): Promise<Claim | undefined>;
  /** retryable → sending. Undefined where another try was first. */
  reclaim(id: string, now: Date): Promise<Claim | undefined>;
  /** What came of the send; with it, in one write, the events that tell of it. */
  record(claim: Claim, result: SendResult, now: Date, events: readonly OutboxEntry[]): Promise<void>;
  /** sending → stuck for those claimed before an instant. Returns the ones that this call changed. */
  strand(claimedBefore: Date): Promise<readonly DeliveryDocument[]>;
  /** stuck → retryable, by an operator's word. False where it is not stuck. */
  release(id: string): Promise<boolean>;
  /** Of one company, those that wait for an operator. */
  stuck(companyId: string, limit: number): Promise<readonly DeliveryDocument[]>;
  countStuck(): Promise<number>;
  removePast(now: Date): Promise<number>;
}

export interface FreshDelivery {
  readonly id: string;
  readonly template: Template;
  readonly event: ExportCompleted;
}

/** 120 d: longer than export.completed is kept. */
const claimTtlMs = 120 * 86_400_000;

export function createDeliveryStore(deliveries: Collection<DeliveryDocument>): DeliveryStore {
  return {
    stateOf: async (id) =>
      (await stored(deliveries.findOne({ _id: id }, { projection: { state: 1 } })))?.state,
    find: async (id) => (await stored(deliveries.findOne({ _id: id }))) ?? undefined,
    claim: async ({ id, template, event }, now) => {
      const fresh: DeliveryDocument = {
        _id: id,
        job_id: event.job_id,
        company_id: event.company_id,
        template,
        state: 'sending',
        tries: 1,
        claimed_at: now,
        sent_at: null,
        answer: null,
        event,
        keep_until: new Date(now.getTime() + claimTtlMs),
        outbox: [],
        outbox_pending: false,
      };
      return (await unlessTaken(deliveries.insertOne(fresh))) ? { _id: id, tries: 1 } : undefined;
    },
    reclaim: async (id, now) => {
      const update = { $set: { state: 'sending' as const, claimed_at: now }, $inc: { tries: 1 } };
      const claimed = await stored(
        deliveries.findOneAndUpdate({ _id: id, state: 'retryable' }, update, { returnDocument: 'after' }),
      );
      return claimed === null ? undefined : { _id: id, tries: claimed.tries };
    },
    record: async (claim, result, now, events) => {
      const sent = result.kind === 'accepted';
      const answer = sent ? result.response : result.reason;
      // A try that outlived its time was made stuck meanwhile; what it saw with its own eyes still counts.
      const filter = { ...claim, state: { $in: ['sending' as const, 'stuck' as const] } };
      const facts = { state: stateAfter(result), answer };
      await stored(
        sent
          ? deliveries.updateOne(filter, {
              $set: { ...facts, sent_at: now, event: null, outbox_pending: events.length > 0 },
              $push: { outbox: { $each: [...events] } },
            })
          : deliveries.updateOne(filter, { $set: facts }),
      );
    },
    strand: async (claimedBefore) => {
      const late = await stored(
        deliveries.find({ state: 'sending', claimed_at: { $lt: claimedBefore } }).toArray(),
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
    stuck: (companyId, limit) =>
      stored(deliveries.find({ company_id: companyId, state: 'stuck' }).limit(limit).toArray()),
    countStuck: () => stored(deliveries.countDocuments({ state: 'stuck' })),
    removePast: async (now) =>
      (await stored(deliveries.deleteMany({ keep_until: { $lt: now }, outbox_pending: false }))).deletedCount,
  };
}
