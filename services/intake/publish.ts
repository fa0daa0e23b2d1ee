import type { EventProducer } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/store';

/** Sends an event of the outbox; resolves when the brokers have it. */
export function publishTo(producer: Pick<EventProducer, 'send'>): (entry: OutboxEntry) => Promise<void> {
  return ({ id, topic, type, key, company_id, attempt, event, traceparent, at }) =>
    producer.send(topic, {
      id,
      type,
      key,
      companyId: company_id,
      attempt,
      event,
      at,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
}
