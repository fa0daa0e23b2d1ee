import { callerOf, requirePermission } from '@waybill/auth';
import { erasureHandler, type Eraser } from '@waybill/erasure';
import { ExportError } from '@waybill/errors';
import { parseWith, type HttpRouter } from '@waybill/http';
import type { Outcome } from '@waybill/kafka';
import type { DeliveryDocument, DeliveryStore } from '../delivery/delivery-store.ts';
import type { NotifyHandler } from '../handler.ts';
import { stuckQuery } from './schemas.ts';

export interface OperatorRouteDeps {
  readonly deliveries: DeliveryStore;
  readonly eraser: Eraser;
  readonly notify: NotifyHandler;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
  readonly now: () => Date;
}

const listLimit = 100;

/** Adds the routes of a company's operator. All require the permission `contacts.export.admin`. */
export function addOperatorRoutes(router: HttpRouter, deps: OperatorRouteDeps): void {
  const { deliveries, eraser, notify } = deps;

  router.get('/deliveries', async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    parseWith(stuckQuery, { ...ctx.query });
    const stuck = await deliveries.listStuck(caller.companyId, listLimit);
    ctx.body = { data: stuck.map(deliveryView) };
  });

  // The only way to send a stuck email again: an operator has checked whether it arrived.
  router.post('/deliveries/:id/resend', async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    const { log: logger, traceparent } = ctx.state;
    const id = ctx.params['id'] ?? '';
    const delivery = await deliveries.find(id);
    if (delivery?.company_id !== caller.companyId || delivery.event === null) throw notFound(id);
    if (!(await deliveries.release(id))) throw notFound(id);
    logger.info({ delivery_id: id, job_id: delivery.job_id, user_id: caller.userId }, 'delivery resent');
    const message = { event: delivery.event, traceparent };
    const outcome = await notify(message, { signal: deps.stopping, logger });
    const after = (await deliveries.find(id)) ?? delivery;
    ctx.body = { data: { ...deliveryView(after), outcome: outcomeView(outcome) } };
  });

  router.post('/erasures', erasureHandler({ eraser }));
}

/** Returns a delivery without its recipient, which the record does not contain. */
function deliveryView(delivery: DeliveryDocument) {
  return {
    id: delivery._id,
    job_id: delivery.job_id,
    template: delivery.template,
    state: delivery.state,
    tries: delivery.tries,
    reserved_at: delivery.reserved_at.toISOString(),
    sent_at: delivery.sent_at?.toISOString() ?? null,
    answer: delivery.answer,
  };
}

function outcomeView(outcome: Outcome) {
  return 'cause' in outcome ? { kind: outcome.kind, code: outcome.cause.code } : { kind: outcome.kind };
}

function notFound(id: string): ExportError {
  return new ExportError('NOTIFICATION_NOT_FOUND', { params: { notification_id: id } });
}
