import type { Collection, Db } from 'mongodb';
import { stored, unlessTaken } from './failure.ts';

interface LeaseDocument {
  /** The name of the lease. */
  readonly _id: string;
  readonly owner: string;
  /** Another process may take the lease from this instant on. */
  readonly until: Date;
}

export interface LeaseOptions {
  readonly db: Db;
  /** What only one process may do at a time, such as `sweep`. */
  readonly name: string;
  /** The name of this process. */
  readonly owner: string;
  /** How long the lease lasts without being taken again; much longer than clocks of two machines differ. */
  readonly ttlMs: number;
  readonly now: () => Date;
}

/**
 * The right of one process to do something that no other process of the installation does at the same time.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export interface Lease {
  /** Takes the lease, or extends it. Returns false while another process holds it. */
  take(): Promise<boolean>;
  /** Ends the lease, so that another process can take it at once. Does nothing if another process holds it. */
  release(): Promise<void>;
}

/**
 * Creates a lease that is kept in the collection `leases`. A process that hangs may continue after its lease has expired:
 * the work must be safe to do twice.
 */
export function createLease({ db, name, owner, ttlMs, now }: LeaseOptions): Lease {
  const leases: Collection<LeaseDocument> = db.collection<LeaseDocument>('leases');
  return {
    take: () => {
      const at = now();
      const free = { _id: name, $or: [{ owner }, { until: { $lte: at } }] };
      const until = new Date(at.getTime() + ttlMs);
      // If another process holds it, the upsert inserts a second document of that name, which `_id` rejects.
      return unlessTaken(leases.updateOne(free, { $set: { owner, until } }, { upsert: true }));
    },
    release: async () => {
      await stored(leases.deleteOne({ _id: name, owner }));
    },
  };
}
