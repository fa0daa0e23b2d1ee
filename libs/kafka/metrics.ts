import type { Metrics } from '@waybill/observability';

/** Creates the metrics of the port; their topics have no prefix. */
export function createKafkaMetrics(metrics: Metrics) {
  return {
    lagMessages: metrics.gauge(
      'waybill_kafka_consumer_lag_messages',
      'High watermark of the partition minus the position of its consumer',
      ['group', 'topic', 'partition'],
    ),
    lagSeconds: metrics.gauge(
      'waybill_kafka_consumer_lag_seconds',
      'Age of the oldest message of the partition that is not handled; 0 without such a message',
      ['group', 'topic', 'partition'],
    ),
    handled: metrics.counter('waybill_kafka_messages_handled_total', 'Tries of messages by outcome', [
      'group',
      'topic',
      'outcome',
    ]),
    handleSeconds: metrics.histogram('waybill_kafka_handle_seconds', 'Time in the handler for one message', [
      'group',
      'topic',
    ]),
    deadLetters: metrics.counter(
      'waybill_kafka_dead_letters_total',
      'Messages sent to a dead-letter topic by error code',
      ['group', 'topic', 'code'],
    ),
    deadLetterFailures: metrics.counter(
      'waybill_kafka_dead_letter_failures_total',
      'Sends to a dead-letter topic that failed; the partition waits',
      ['group', 'topic'],
    ),
    waitingSeconds: metrics.gauge(
      'waybill_partition_waiting_seconds',
      'How long a partition has been waiting for a server that is away, by the error code of its last failure',
      ['group', 'topic', 'partition', 'cause'],
    ),
    offsetResets: metrics.counter(
      'waybill_kafka_offset_resets_total',
      'How often reading continued at another offset because the broker no longer had the next message',
      ['group', 'topic'],
    ),
    produceSeconds: metrics.histogram(
      'waybill_kafka_produce_seconds',
      'Time from a send to its acknowledgement',
      ['topic'],
    ),
    produceFailures: metrics.counter('waybill_kafka_produce_failures_total', 'Sends that failed', ['topic']),
    crashes: metrics.counter(
      'waybill_kafka_consumer_crashes_total',
      'Crashes of consumers, each of which starts again',
      ['group'],
    ),
  } as const;
}

export type KafkaMetrics = ReturnType<typeof createKafkaMetrics>;
