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
import { linksOf, type LinkSettings } from '../email/links.ts';
import { inboxOf, type NotificationStore } from '../inbox/notification-store.ts';
import { notificationView, type NotificationDocument, type NotificationView } from '../inbox/notification.ts';
import { addOperatorRoutes, type OperatorRouteDeps } from './operator-routes.ts';
import { listQuery, readBody } from './schemas.ts';
import { addStreamRoute, type StreamRouteDeps } from './stream-route.ts';

export interface RouteDeps extends OperatorRouteDeps, Omit<StreamRouteDeps, 'view'> {
  readonly notifications: NotificationStore;
  readonly authenticator: Authenticator;
  readonly links: LinkSettings;
}

/** 100 ids need less than 4 KiB. */
const bodyLimitBytes = 16_384;

/** Creates the routes. A person's own notifications require a session and no permission. */
export function notificationRoutes(deps: RouteDeps): HttpRouter {
  const { notifications } = deps;
  const router = createRouter({ prefix: '/iag/v1/notifications' });
  const view = (document: NotificationDocument, { locale }: Caller): NotificationView =>
    notificationView(document, locale, linksOf(document.job_id, deps.links));
  router.use(authenticate(deps.authenticator));
  addStreamRoute(router, { ...deps, view });
  addOperatorRoutes(router, deps);

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
    const marked = await notifications.markRead(inboxOf(caller), ids, deps.now());
    ctx.body = { marked, unread_count: await notifications.countUnread(inboxOf(caller)) };
  });

  router.post('/:id/read', async (ctx) => {
    const caller = callerOf(ctx);
    const id = ctx.params['id'] ?? '';
    await notifications.markRead(inboxOf(caller), [id], deps.now());
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
