import { replay, type ReplayReport } from '@waybill/kafka';
import { createTombstones } from '@waybill/erasure';
import type { ServiceContext } from '@waybill/service';
import { ensureIndexes } from '@waybill/mongo';
import type { HistoryConfig } from './config.ts';
import { connect } from './connections.ts';
import { createEntryStore } from './entries/entry-store.ts';
import { createProjection } from './handler.ts';
import { collectionsOf, indexes } from './indexes.ts';

/**
 * Makes the entries anew from export.completed alone. Nothing is told to anybody: no registration, no product event;
 * the audit and the registrations are not touched. The service may run meanwhile.
 */
export async function rebuildHistory(config: HistoryConfig, context: ServiceContext): Promise<ReplayReport> {
  const links = connect(config, context);
  try {
    const collections = collectionsOf(links.store);
    await ensureIndexes(links.store.db, indexes);
    const project = createProjection({
      entries: createEntryStore(collections.entries),
      erasures: createTombstones(collections.erasures),
      now: Date.now,
    });
    return await replay({
      kafka: links.kafka,
      service: 'history',
      topic: 'export.completed',
      handler: project,
      signal: context.signal,
    });
  } finally {
    await links.close();
  }
}
