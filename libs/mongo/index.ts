export { duplicateKey, mapStoreError, stored, unlessTaken } from './failure.ts';
export { createLease, type Lease, type LeaseOptions } from './lease.ts';
export {
  ensureIndexes,
  openStore,
  outboxIndex,
  storesFromSettings,
  removeUpTo,
  type IndexTable,
  type Store,
} from './open-store.ts';
export {
  publishTo,
  type OutboxDocument,
  type OutboxEntry,
  type OutboxLease,
  type SentEntry,
} from './outbox-entry.ts';
export { createOutbox, type Outbox } from './outbox.ts';
export { newestPage, type Page, type PagePosition, type PageRequest } from './page.ts';
export { createBackgroundRelay, relayOf } from './relay.ts';
