import type { Metrics } from '@waybill/observability';

/** What the port counts; topics without their prefix. */
export function createKafkaMetrics(metrics: Metrics) {
  return {
    lagMessages: metrics.gauge(
      'kafka_consumer_lag_messages',
      'High watermark of the partition minus the position of its consumer',
      ['group', 'topic', 'partition'],
    ),
    lagSeconds: metrics.gauge(
      'kafka_consumer_lag_seconds',
      'Age of the oldest message of the partition that is not handled; 0 if there is none',
      ['group', 'topic', 'partition'],
    ),
    handled: metrics.counter('kafka_messages_handled_total', 'Deliveries by what the handler decided', [
      'group',
      'topic',
      'outcome',
    ]),
    handleSeconds: metrics.histogram('kafka_handle_seconds', 'Time in the handler for one message', [
      'group',
      'topic',
    ]),
    deadLetters: metrics.counter('kafka_dead_letters_total', 'Messages that went to a dead-letter topic', [
      'consumer',
      'topic',
      'code',
    ]),
    produceSeconds: metrics.histogram('kafka_produce_seconds', 'Time until a send was acknowledged', [
      'topic',
    ]),
    produceFailures: metrics.counter('kafka_produce_failures_total', 'Sends that were given up', ['topic']),
    crashes: metrics.counter(
      'kafka_consumer_crashes_total',
      'Times that a consumer lost its connection or failed',
      ['group', 'restarts'],
    ),
  } as const;
}

export type KafkaMetrics = ReturnType<typeof createKafkaMetrics>;
