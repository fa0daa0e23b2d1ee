export { duplicateKey, mapStoreError, stored, unlessTaken } from './failure.ts';
export {
  ensureIndexes,
  openStore,
  outboxIndex,
  storesFromSettings,
  type IndexTable,
  type Store,
  type StoreOptions,
} from './open-store.ts';
export {
  publishTo,
  type EventSender,
  type OutboxDocument,
  type OutboxEntry,
  type OutboxLease,
  type SentEntry,
} from './outbox-entry.ts';
export { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts';
export { createBackgroundRelay, relayOf, type BackgroundRelay, type BackgroundRelayDeps } from './relay.ts';
