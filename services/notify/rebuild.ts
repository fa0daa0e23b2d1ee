/** `npm run rebuild -w @waybill/notify`: rebuilds the notifications from the topic, with the service's own settings. */
import { createTombstones } from '@waybill/erasure';
import { done, replay, skip, type ReplayReport } from '@waybill/kafka';
import { ensureIndexes } from '@waybill/mongo';
import { runMain, type ServiceContext } from '@waybill/service';
import { loadConfig, type NotifyConfig } from './config.ts';
import { connect } from './connections.ts';
import { endedExport } from './ended-export.ts';
import { createNotificationStore } from './inbox/notification-store.ts';
import { notificationOf, type NotificationContent, type NotificationState } from './inbox/notification.ts';
import { collectionsOf, notifyIndexes } from './indexes.ts';

/**
 * Rebuilds the requesters' notifications from export.completed alone. Sends no email and notifies neither the other
 * notification system nor open streams. A notification that still exists keeps its state; one that was lost counts as
 * read if it is older than MAX_EVENT_AGE_MS. Alerts to administrators are not rebuilt: they depend on what the CRM said on
 * that day.
 */
export async function rebuildNotifications(
  config: NotifyConfig,
  context: ServiceContext,
): Promise<ReplayReport> {
  const connections = connect(config, context);
  try {
    const collections = collectionsOf(connections.store);
    await ensureIndexes(connections.store.db, notifyIndexes);
    const notifications = createNotificationStore(collections.notifications);
    const erasures = createTombstones(collections.erasures);
    return await replay({
      kafka: connections.kafka,
      service: 'notify',
      topic: 'export.completed',
      signal: context.signal,
      handler: async ({ event }) => {
        const ended = endedExport(event);
        if (ended === undefined) return skip('the requester is unknown');
        if (await erasures.coverOf(ended)) return skip('the person was erased');
        const content = notificationOf(ended);
        await notifications.put(content, rebuiltState(content, Date.now() - config.MAX_EVENT_AGE_MS));
        return done();
      },
    });
  } finally {
    await connections.close();
  }
}

function rebuiltState({ created_at }: NotificationContent, readBefore: number): NotificationState {
  return {
    read_at: created_at.getTime() < readBefore ? created_at : null,
    publication: 'off',
    stored_at: created_at,
  };
}

if (import.meta.main) {
  await runMain({
    name: 'notify-rebuild',
    loadConfig,
    start: async (config, context) => {
      const report = await rebuildNotifications(config, context);
      context.logger.info({ ...report }, 'notifications rebuilt');
      process.exit(0);
    },
  });
}
