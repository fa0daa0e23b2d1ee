import { deadLetterTopic, retryTopic, topics, type RedrivableService } from '@waybill/schemas';
import { redriveGroup, replayGroupPrefix } from '../broker/group-names.ts';
import type { StoredMessage } from '../broker/read-topic.ts';
import type { BytesProducer } from '../produce/bytes-producer.ts';
import type { DeadLetter, RawMessage } from '../types/dead-letter.ts';
import { textHeaders } from '../wire/headers.ts';
import { readFailure, readOrigin, redriveHeaders, type Origin } from '../wire/retry-headers.ts';

type Read = (group: string, topics: readonly string[]) => Promise<readonly StoredMessage[]>;

/** See `Kafka.deadLetters`. A letter was redriven if its copy is in the retry topic, which has the same retention. */
export async function findDeadLetters(
  service: RedrivableService,
  prefix: string,
  read: Read,
): Promise<readonly DeadLetter[]> {
  const deadLettered = `${prefix}${deadLetterTopic(service)}`;
  const retried = `${prefix}${retryTopic(service)}`;
  const stored = await read(`${prefix}${redriveGroup(service, new Date())}`, [deadLettered, retried]);
  const newest = new Map<string, DeadLetter>();
  const redriven = new Set<string>();
  for (const { topic, message } of stored) {
    const letter = readLetter(service, message);
    if (topic === deadLettered) newest.set(eventOf(letter), letter);
    else if (letter.tries === 0) redriven.add(failureOf(letter));
  }
  return [...newest.values()].filter((letter) => !redriven.has(failureOf(letter)));
}

/** See `Kafka.redrive`. */
export function redrive(
  { service, message }: DeadLetter,
  prefix: string,
  producer: BytesProducer,
): Promise<void> {
  return producer.send({
    topic: `${prefix}${retryTopic(service)}`,
    key: message.key,
    value: message.value,
    headers: redriveHeaders(message.headers ?? {}),
    timestamp: Date.now(),
    gzip: false,
  });
}

function readLetter(service: RedrivableService, message: RawMessage): DeadLetter {
  const headers = textHeaders(message.headers);
  const origin = readOrigin(headers);
  const { topic, partition, offset } = origin ?? { topic: 'unknown', partition: 0, offset: message.offset };
  return {
    service,
    id: headers['ce_id'] ?? `${topic}/${partition}/${offset}`,
    type: headers['ce_type'],
    jobId: headers['ce_subject'],
    companyId: headers['ce_companyid'],
    group: origin?.group,
    tries: origin?.tries,
    ...readFailure(headers),
    obstacle: obstacleOf(service, origin),
    message,
  };
}

function obstacleOf(service: RedrivableService, origin: Origin | undefined): string | undefined {
  if (!topics.some(({ topic }) => topic === origin?.topic)) return 'its headers name no topic of ours';
  if (origin?.group.startsWith(replayGroupPrefix(service))) {
    return 'a rebuild failed at this message; run the rebuild again';
  }
  return undefined;
}

/** Identifies an event within its group, since another group may have failed at the same event. */
function eventOf({ group, id }: DeadLetter): string {
  return `${group} ${id}`;
}

/** Identifies a failure. A redriven message keeps it; if it fails again, its next letter has another time. */
function failureOf(letter: DeadLetter): string {
  return `${eventOf(letter)} ${letter.failedAt}`;
}
