/** `npm run rebuild -w @waybill/history`: rebuilds the entries from the topic, with the settings of the service. */
import { createTombstones } from '@waybill/erasure';
import { replay, type ReplayReport } from '@waybill/kafka';
import { ensureIndexes } from '@waybill/mongo';
import { runMain, type ServiceContext } from '@waybill/service';
import { loadConfig, type HistoryConfig } from './config.ts';
import { connect } from './connections.ts';
import { createEntryStore } from './entries/entry-store.ts';
import { createProjection } from './handler.ts';
import { collectionsOf, indexes } from './indexes.ts';

/**
 * Rebuilds the entries from export.completed alone. It sends no registration and no product event, and it does not
 * change the download audit or the registrations. The service can run at the same time.
 */
export async function rebuildHistory(config: HistoryConfig, context: ServiceContext): Promise<ReplayReport> {
  const connections = connect(config, context);
  try {
    const collections = collectionsOf(connections.store);
    await ensureIndexes(connections.store.db, indexes);
    const handler = createProjection({
      entries: createEntryStore(collections.entries),
      erasures: createTombstones(collections.erasures),
      now: () => new Date(),
    });
    const { kafka } = connections;
    return await replay({
      kafka,
      service: 'history',
      topic: 'export.completed',
      handler,
      signal: context.signal,
    });
  } finally {
    await connections.close();
  }
}

if (import.meta.main) {
  await runMain({
    name: 'history-rebuild',
    loadConfig,
    start: async (config, context) => {
      const report = await rebuildHistory(config, context);
      context.logger.info({ ...report }, 'history rebuilt');
      process.exit(0);
    },
  });
}
