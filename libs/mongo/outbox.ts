import { asError, asExportError, ExportError } from '@waybill/errors';
import type { Logger, Metrics } from '@waybill/observability';
import type { Collection, Filter, UpdateFilter, WithId } from 'mongodb';
import type { OutboxDocument, OutboxEntry, OutboxFault, OutboxLease } from './outbox-entry.ts';

export interface OutboxOptions<D extends OutboxDocument> {
  readonly collection: Collection<D>;
  /** Resolves when the broker has acknowledged the event. */
  readonly publish: (entry: OutboxEntry) => Promise<void>;
  /** The name of this process in leases. */
  readonly owner: string;
  /** How long a lease lasts; longer than a publication may take, or an event is published twice. */
  readonly leaseMs: number;
  /** How often the sweep runs. */
  readonly everyMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

export interface Outbox {
  /**
   * Publishes a document's events now. Returns true if all are published; false if the broker did not accept one, if one
   * can never be published, or if another process has the lease. The sweep retries them.
   * @throws what MongoDB throws.
   */
  relay(documentId: string): Promise<boolean>;
  /** Returns the lease to store with a new document, so that only `relayWritten` of this process publishes its events. */
  lease(): OutboxLease;
  /** As `relay`, for a document that was just written with `lease()`, without reading it back. */
  relayWritten(document: OutboxDocument): Promise<boolean>;
  /**
   * Publishes the remaining events of all documents, and counts those that are left. A document that fails does not stop
   * it; several failures in a row do, because the broker is down. Returns the number of documents that were emptied.
   */
  sweep(): Promise<number>;
  /** Sweeps every `everyMs` until it is stopped. */
  start(): void;
  /** Waits for the current sweep. */
  stop(): Promise<void>;
}

/** The result for a document: all events published, left to the sweep, or one that can never be published. */
type Emptied = 'done' | 'later' | 'never';

/** Documents of one sweep. A backlog after an outage takes several sweeps, so that a stop never waits long. */
const sweepLimit = 500;

/** Documents that fail in a row before a sweep ends. Each may take as long as a send (5 s). */
const maximumFailures = 3;

/** A document with an event that can never be published is tried again after this time: somebody may have corrected the cause. */
const faultPauseMs = 600_000;

export function createOutbox<D extends OutboxDocument>(options: OutboxOptions<D>): Outbox {
  const { publish, owner, leaseMs, logger } = options;
  const now = () => options.now().getTime();
  // Only the outbox fields are read and written; the documents may have any others.
  const documents = options.collection as unknown as Collection<OutboxDocument>;
  const metrics = createOutboxMetrics(options.metrics);
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<number> | undefined;
  let stopped = false;

  const leaseFrom = (at: number): OutboxLease => ({ owner, until: at + leaseMs });

  async function take(filter: Filter<OutboxDocument>): Promise<WithId<OutboxDocument> | null> {
    const at = now();
    const free: Filter<OutboxDocument> = {
      $or: [{ outbox_lease: { $exists: false } }, { 'outbox_lease.until': { $lte: at } }],
    };
    return documents.findOneAndUpdate(
      { $and: [filter, { outbox_pending: true }, free] },
      { $set: { outbox_lease: leaseFrom(at) } },
      { returnDocument: 'after' },
    );
  }

  /** Publishes the entries of a leased document in order, and ends the lease. */
  async function empty(document: OutboxDocument): Promise<Emptied> {
    const mine: Filter<OutboxDocument> = { _id: document._id, 'outbox_lease.owner': owner };
    for (const entry of document.outbox) {
      try {
        await publish(entry);
      } catch (error) {
        const fault = { event_id: entry.id, topic: entry.topic, error: asError(error) };
        if (isPermanent(error)) {
          logger.error(fault, 'event not publishable');
          const lease = { owner, until: now() + faultPauseMs };
          await documents.updateOne(mine, {
            $set: { outbox_fault: faultOf(entry, error), outbox_lease: lease },
          });
          return 'never';
        }
        logger.warn(fault, 'event kept in the outbox');
        return 'later';
      }
      const taken: UpdateFilter<OutboxDocument> = { $pull: { outbox: { id: entry.id } } };
      if (entry === document.outbox.at(-1) && (await finish(mine, taken))) return 'done';
      await documents.updateOne({ _id: document._id }, taken);
    }
    // Events that were added meanwhile keep the document pending.
    await documents.updateOne(
      { _id: document._id, outbox: { $size: 0 } },
      { $set: { outbox_pending: false }, $unset: { outbox_fault: '' } },
    );
    await documents.updateOne(mine, { $unset: { outbox_lease: '' } });
    return 'done';
  }

  /** Removes the last event, the lease and the mark in one write. False if an event was added, or the lease is lost. */
  async function finish(mine: Filter<OutboxDocument>, taken: UpdateFilter<OutboxDocument>): Promise<boolean> {
    const result = await documents.updateOne(
      { ...mine, outbox: { $size: 1 } },
      { ...taken, $set: { outbox_pending: false }, $unset: { outbox_lease: '', outbox_fault: '' } },
    );
    return result.modifiedCount === 1;
  }

  /** Publishes the events of a leased document. Ends the lease if they are left to the sweep. */
  async function emptyNow(document: OutboxDocument): Promise<boolean> {
    const emptied = await empty(document);
    if (emptied === 'later') {
      const mine = { _id: document._id, 'outbox_lease.owner': owner };
      await documents.updateOne(mine, { $unset: { outbox_lease: '' } });
    }
    return emptied === 'done';
  }

  async function sweepOnce(): Promise<number> {
    let count = 0;
    let failures = 0;
    for (let looked = 0; looked < sweepLimit && failures < maximumFailures && !stopped; looked += 1) {
      const document = await take({});
      if (document === null) break;
      // A document that fails keeps its lease for a while, so that this sweep and the next reach the others.
      const emptied = await empty(document);
      failures = emptied === 'later' ? failures + 1 : 0;
      if (emptied === 'done') count += 1;
    }
    if (count > 0) logger.info({ documents: count }, 'outbox swept');
    await measure();
    return count;
  }

  async function measure(): Promise<void> {
    const labels = { collection: documents.collectionName };
    const filter = { outbox_pending: true };
    const pending = await documents.countDocuments(filter);
    metrics.pending.set(labels, pending);
    const unpublishable = { ...filter, outbox_fault: { $exists: true } };
    metrics.unpublishable.set(labels, pending === 0 ? 0 : await documents.countDocuments(unpublishable));
    const options = { sort: { 'outbox.at': 1 }, projection: { outbox: { $slice: 1 } } } as const;
    const oldest = pending === 0 ? undefined : await documents.findOne(filter, options);
    metrics.oldestSeconds.set(labels, Math.max(0, now() - (oldest?.outbox[0]?.at ?? now())) / 1_000);
  }

  function sweep(): Promise<number> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      void sweep()
        .catch((error: unknown) => logger.warn({ error: asError(error) }, 'outbox sweep failed'))
        .finally(schedule);
    }, options.everyMs);
  }

  return {
    async relay(documentId) {
      const document = await take({ _id: documentId });
      if (document !== null) return emptyNow(document);
      const left = await documents.countDocuments({ _id: documentId, outbox_pending: true });
      return left === 0;
    },
    lease: () => leaseFrom(now()),
    relayWritten: emptyNow,
    sweep,
    start: schedule,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await sweeping?.catch(() => undefined);
    },
  };
}

function faultOf(entry: OutboxEntry, error: unknown): OutboxFault {
  return { event_id: entry.id, code: asExportError(error, 'EXPORT_FAILED').code };
}

function createOutboxMetrics(metrics: Metrics) {
  const labels = ['collection'] as const;
  return {
    pending: metrics.gauge(
      'waybill_outbox_pending_documents',
      'Documents with events that are not published',
      labels,
    ),
    oldestSeconds: metrics.gauge(
      'waybill_outbox_oldest_seconds',
      'Age of the oldest event that is not published; 0 without one',
      labels,
    ),
    unpublishable: metrics.gauge(
      'waybill_outbox_unpublishable_documents',
      'Documents with an event that can never be published',
      labels,
    ),
  };
}

/** Returns whether no retry helps, such as for an event that does not fit its schema. Unknown errors are retried. */
function isPermanent(error: unknown): boolean {
  return error instanceof ExportError && !error.retryable;
}
