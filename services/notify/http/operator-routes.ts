import { erasureHandler, type ErasureRouteDeps } from '@waybill/erasure';
import { callerOf, requirePermission } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { parseWith, type HttpRouter } from '@waybill/http';
import type { Outcome } from '@waybill/kafka';
import { z } from 'zod';
import type { DeliveryDocument, DeliveryStore } from '../delivery/delivery-store.ts';
import type { Tell } from '../handler.ts';

export interface OperatorParts extends ErasureRouteDeps {
  readonly deliveries: DeliveryStore;
  readonly tell: Tell;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
}

const shownDeliveries = 100;
export const stuckQuery = z.strictObject({ state: z.literal('stuck').default('stuck') });

/** What an operator does for a company, with its `contacts.export.admin`. */
export function addOperatorRoutes(router: HttpRouter, parts: OperatorParts): void {
  const { deliveries } = parts;

  router.get('/deliveries', async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    parseWith(stuckQuery, { ...ctx.query });
    const stuck = await deliveries.stuck(caller.companyId, shownDeliveries);
    ctx.body = { data: stuck.map(deliveryView) };
  });

  // The one way in which a stuck email is sent again: somebody has looked whether it arrived.
  router.post('/deliveries/:id/resend', async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    const id = ctx.params['id'] ?? '';
    const delivery = await deliveries.find(id);
    if (delivery?.company_id !== caller.companyId || delivery.event === null) throw unknown(id);
    if (!(await deliveries.release(id))) throw unknown(id);
    ctx.state.log.info(
      { delivery_id: id, job_id: delivery.job_id, user_id: caller.userId },
      'delivery resent',
    );
    const told = { event: delivery.event, traceparent: ctx.state.traceparent };
    const outcome = await parts.tell(told, { signal: parts.stopping, logger: ctx.state.log });
    const after = (await deliveries.find(id)) ?? delivery;
    ctx.body = { data: { ...deliveryView(after), outcome: outcomeView(outcome) } };
  });

  router.post('/erasures', erasureHandler(parts));
}

/** Without a word about the recipient: the delivery knows none. */
function deliveryView(delivery: DeliveryDocument) {
  return {
    id: delivery._id,
    job_id: delivery.job_id,
    template: delivery.template,
    state: delivery.state,
    tries: delivery.tries,
    claimed_at: delivery.claimed_at.toISOString(),
    sent_at: delivery.sent_at?.toISOString() ?? null,
    answer: delivery.answer,
  };
}

function outcomeView(outcome: Outcome) {
  return 'cause' in outcome ? { kind: outcome.kind, code: outcome.cause.code } : { kind: outcome.kind };
}

function unknown(id: string): ExportError {
  return new ExportError('NOTIFICATION_NOT_FOUND', { params: { notification_id: id } });
}
