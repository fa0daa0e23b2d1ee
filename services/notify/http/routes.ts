import { authenticate, callerOf, type Authenticator, type Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import {
  createRouter,
  parseWith,
  decodeCursor,
  readJsonBody,
  encodeCursor,
  type HttpRouter,
} from '@waybill/http';
import { z } from 'zod';
import { linksOf, type LinkSettings } from '../email/links.ts';
import { addOperatorRoutes, type OperatorParts } from './operator-routes.ts';
import { inboxOf, type NotificationStore } from '../inbox/notification-store.ts';
import { notificationView, type NotificationDocument, type NotificationView } from '../inbox/notification.ts';
import { addStreamRoute, type StreamParts } from './stream-route.ts';

export interface RouteParts extends OperatorParts, Omit<StreamParts, 'view'> {
  readonly notifications: NotificationStore;
  readonly authenticator: Authenticator;
  readonly links: LinkSettings;
}

/** A body of ids: 100 of them are under 4 KiB. */
const bodyLimitBytes = 16_384;

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  unread: z.stringbool().default(false),
  cursor: z.string().max(200).optional(),
});

/** Without ids: all. */
export const readBody = z.strictObject({
  ids: z.array(z.string().min(1).max(64)).min(1).max(100).optional(),
});

/** A person's notifications: everybody with a session has some, so no permission is asked for. */
export function notificationRoutes(parts: RouteParts): HttpRouter {
  const { notifications } = parts;
  const router = createRouter({ prefix: '/iag/v1/notifications' });
  const view = (document: NotificationDocument, { locale }: Caller): NotificationView =>
    notificationView(document, locale, linksOf(document.job_id, parts.links));
  router.use(authenticate(parts.authenticator));
  addStreamRoute(router, { ...parts, view });
  addOperatorRoutes(router, parts);

  router.get('/', async (ctx) => {
    const caller = callerOf(ctx);
    const { limit, unread, cursor } = parseWith(listQuery, { ...ctx.query });
    const page = await notifications.page(inboxOf(caller), {
      limit,
      unreadOnly: unread,
      ...(cursor === undefined ? {} : { after: decodeCursor(cursor) }),
    });
    ctx.body = {
      data: page.notifications.map((document) => view(document, caller)),
      unread_count: await notifications.countUnread(inboxOf(caller)),
      pagination: { limit, next_cursor: page.next === undefined ? null : encodeCursor(page.next) },
    };
  });

  router.post('/read', async (ctx) => {
    const caller = callerOf(ctx);
    const hasBody = Number(ctx.get('Content-Length') || 0) > 0 || ctx.get('Transfer-Encoding') !== '';
    const { ids } = parseWith(readBody, hasBody ? await readJsonBody(ctx, bodyLimitBytes) : {});
    const marked = await notifications.markRead(inboxOf(caller), ids, new Date(parts.now()));
    ctx.body = { marked, unread_count: await notifications.countUnread(inboxOf(caller)) };
  });

  router.post('/:id/read', async (ctx) => {
    const caller = callerOf(ctx);
    const id = ctx.params['id'] ?? '';
    await notifications.markRead(inboxOf(caller), [id], new Date(parts.now()));
    const document = await notifications.find(inboxOf(caller), id);
    if (document === undefined) {
      throw new ExportError('NOTIFICATION_NOT_FOUND', { params: { notification_id: id } });
    }
    ctx.body = {
      data: view(document, caller),
      unread_count: await notifications.countUnread(inboxOf(caller)),
    };
  });
  return router;
}
