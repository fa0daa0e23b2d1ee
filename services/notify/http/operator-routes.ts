import { callerOf, requirePermission } from '@waybill/auth';
import { erasureHandler, type ErasureRouteDeps } from '@waybill/erasure';
import { detailText, ExportError, type Language } from '@waybill/errors';
import { languageOf, cursorPagination, parseWith, positionOf, type HttpRouter } from '@waybill/http';
import type { DeliveryDocument, DeliveryStore } from '../delivery/delivery-store.ts';
import type { Scheduler } from '../delivery/scheduler.ts';
import { deliveryQuery } from './schemas.ts';

export interface OperatorRouteDeps extends ErasureRouteDeps {
  readonly deliveries: DeliveryStore;
  readonly scheduler: Pick<Scheduler, 'leaseTime' | 'sendLeased'>;
  readonly now: () => Date;
}

/** Adds the routes of a company's operator, which require `contacts.export.admin`; an erasure `contacts.export.erase`. */
export function addOperatorRoutes(router: HttpRouter, deps: OperatorRouteDeps): void {
  const { deliveries, scheduler } = deps;

  router.get('/deliveries', async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    const query = parseWith(deliveryQuery, { ...ctx.query });
    const { documents, next } = await deliveries.page(
      { companyId: caller.companyId, state: query.state },
      { limit: query.limit, after: positionOf(query) },
    );
    const language = languageOf(ctx);
    ctx.body = {
      data: documents.map((document) => deliveryView(document, language)),
      pagination: cursorPagination(query.limit, next),
    };
  });

  // The only way to send a stuck email again: an operator has checked whether it arrived.
  router.post('/deliveries/:id/resend', async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    const id = ctx.params['id'] ?? '';
    const delivery = await deliveries.leaseAgain({ id, companyId: caller.companyId }, scheduler.leaseTime());
    if (delivery === undefined) throw notFound(id);
    ctx.state.log.info(
      { delivery_id: id, job_id: delivery.job_id, user_id: caller.userId },
      'delivery resent',
    );
    await scheduler.sendLeased(delivery);
    ctx.body = deliveryView((await deliveries.find(id)) ?? delivery, languageOf(ctx));
  });

  router.post('/erasures', erasureHandler(deps));
}

/** Returns a delivery without its recipient, which the record does not contain. */
function deliveryView(delivery: DeliveryDocument, language: Language) {
  const { answer, cause } = delivery;
  return {
    id: delivery._id,
    job_id: delivery.job_id,
    template: delivery.template,
    state: delivery.state,
    tries: delivery.tries,
    next_attempt_at: delivery.next_attempt_at?.toISOString() ?? null,
    attempted_at: delivery.attempted_at?.toISOString() ?? null,
    sent_at: delivery.sent_at?.toISOString() ?? null,
    answer,
    failure:
      cause === null ? null : { code: cause, message: detailText(cause, { reason: answer ?? '' }, language) },
  };
}

function notFound(id: string): ExportError {
  return new ExportError('NOTIFICATION_NOT_FOUND', { params: { notification_id: id } });
}
