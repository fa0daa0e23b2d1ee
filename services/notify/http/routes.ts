import { authenticate, callerOf, type Authenticator } from '@waybill/auth';
import { ExportError, type Language } from '@waybill/errors';
import {
  createRouter,
  languageOf,
  cursorPagination,
  parseWith,
  positionOf,
  readJsonBody,
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
  const view = (document: NotificationDocument, language: Language): NotificationView =>
    notificationView(document, language, linksOf(document.job_id, deps.links));
  router.use(authenticate(deps.authenticator));
  addStreamRoute(router, { ...deps, view });
  addOperatorRoutes(router, deps);

  router.get('/', async (ctx) => {
    const caller = callerOf(ctx);
    const query = parseWith(listQuery, { ...ctx.query });
    const { documents, next } = await notifications.page(inboxOf(caller), {
      limit: query.limit,
      unreadOnly: query.unread,
      after: positionOf(query),
    });
    ctx.body = {
      data: documents.map((document) => view(document, languageOf(ctx))),
      unread_count: await notifications.countUnread(inboxOf(caller)),
      pagination: cursorPagination(query.limit, next),
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
    ctx.body = view(document, languageOf(ctx));
  });
  return router;
}
