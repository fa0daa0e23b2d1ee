export { ensureIndexes, outboxIndex, type IndexTable } from './ensure-indexes.ts';
export { mapStoreError, openStore, type Store, type StoreOptions } from './open-store.ts';
export type { OutboxDocument, OutboxEntry, OutboxLease } from './outbox-entry.ts';
export { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts';
export { publishTo, type EventSender, type SentEntry } from './publish-to.ts';
export { createBackgroundRelay, relayOf, type BackgroundRelay, type BackgroundRelayDeps } from './relay.ts';
export { duplicateKey, stored, unlessTaken } from './stored.ts';
