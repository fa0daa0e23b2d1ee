import { createTombstones } from '@waybill/erasure';
import { done, replay, skip, type ReplayReport } from '@waybill/kafka';
import type { ServiceContext } from '@waybill/service';
import { ensureIndexes } from '@waybill/mongo';
import type { NotifyConfig } from './config.ts';
import { connect } from './connections.ts';
import { endedExport } from './ended-export.ts';
import { createNotificationStore } from './inbox/notification-store.ts';
import { notificationOf, type NotificationFacts, type NotificationMarks } from './inbox/notification.ts';
import { collectionsOf, indexes } from './indexes.ts';

/**
 * Makes the requesters' notifications anew from export.completed alone. Nothing is told to anybody: no email, no other
 * system, no open stream. What was read stays read where the notification is still there; where it is lost, old ones
 * count as read. Alerts to administrators follow from what the CRM said on the day and are not made anew.
 */
export async function rebuildNotifications(
  config: NotifyConfig,
  context: ServiceContext,
): Promise<ReplayReport> {
  const links = connect(config, context);
  try {
    const collections = collectionsOf(links.store);
    await ensureIndexes(links.store.db, indexes);
    const notifications = createNotificationStore(collections.notifications);
    const erasures = createTombstones(collections.erasures);
    return await replay({
      kafka: links.kafka,
      service: 'notify',
      topic: 'export.completed',
      signal: context.signal,
      handler: async ({ event }) => {
        const ended = endedExport(event);
        if (ended === undefined) return skip('nobody is known to have asked');
        if (await erasures.coverOf(ended)) return skip('the person was erased');
        const facts = notificationOf(ended);
        await notifications.put(facts, marksOf(facts, Date.now() - config.MAX_EVENT_AGE_MS));
        return done();
      },
    });
  } finally {
    await links.close();
  }
}

function marksOf({ created_at }: NotificationFacts, readBefore: number): NotificationMarks {
  return {
    read_at: created_at.getTime() < readBefore ? created_at : null,
    publication: 'off',
    stored_at: created_at,
  };
}
