import { deadLetterTopic, retryDelays, retryTopic, topics, type DelayedService } from '@waybill/schemas';
import type { BytesProducer } from '../produce/bytes-producer.ts';
import { textHeaders } from '../wire/headers.ts';
import type { RawMessage } from '../wire/incoming.ts';
import type { StoredMessage } from '../broker/read-topic.ts';
import { readOrigin, readPutAside, redriveHeaders, type Origin, type PutAside } from '../wire/retry-headers.ts';
import { replayGroups } from '../consume/replay.ts';

/** A message that a service gave up, with what its headers say; what is undefined they do not say. */
export interface DeadLetter extends PutAside {
  readonly service: DelayedService;
  /** The id of its event; of a message without one, the place where it was first read. */
  readonly id: string;
  readonly type: string | undefined;
  readonly jobId: string | undefined;
  readonly companyId: string | undefined;
  /** The consumer group that failed. */
  readonly group: string | undefined;
  /** How often it had been delivered. */
  readonly deliveries: number | undefined;
  /** Why no handler would take it from the retry topic, if so. */
  readonly obstacle: string | undefined;
  readonly message: RawMessage;
}

type Read = (group: string, topics: readonly string[]) => Promise<readonly StoredMessage[]>;

/** The shortest delay; a redriven message is due at once and does not wait for it. */
const [{ name: shortest }] = retryDelays;

/** See `Kafka.deadLetters`. That a letter was redriven is seen by its copy in the retry topic, which is kept as long. */
export async function findDeadLetters(
  service: DelayedService,
  prefix: string,
  read: Read,
): Promise<readonly DeadLetter[]> {
  const buried = `${prefix}${deadLetterTopic(service)}`;
  const retried = `${prefix}${retryTopic(service, shortest)}`;
  const stored = await read(`${prefix}waybill.${service}.redrive.${Date.now()}`, [buried, retried]);
  const newest = new Map<string, DeadLetter>();
  const redriven = new Set<string>();
  for (const { topic, message } of stored) {
    const letter = readLetter(service, message);
    if (topic === buried) newest.set(eventOf(letter), letter);
    else if (letter.deliveries === 0) redriven.add(failureOf(letter));
  }
  return [...newest.values()].filter((letter) => !redriven.has(failureOf(letter)));
}

/** See `Kafka.redrive`. */
export function redrive(
  { service, message }: DeadLetter,
  prefix: string,
  producer: BytesProducer,
): Promise<void> {
  const now = Date.now();
  return producer.send({
    topic: `${prefix}${retryTopic(service, shortest)}`,
    key: message.key,
    value: message.value,
    headers: redriveHeaders(message.headers ?? {}, now),
    timestamp: now,
    gzip: false,
  });
}

function readLetter(service: DelayedService, message: RawMessage): DeadLetter {
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
    deliveries: origin?.deliveries,
    ...readPutAside(headers),
    obstacle: obstacleOf(service, origin),
    message,
  };
}

function obstacleOf(service: DelayedService, origin: Origin | undefined): string | undefined {
  if (!topics.some(({ topic }) => topic === origin?.topic)) return 'it does not say which topic it is from';
  if (origin?.group.startsWith(replayGroups(service))) return 'a rebuild failed at it: rebuild again';
  return undefined;
}

/** Another group may have failed at the same event. */
function eventOf({ group, id }: DeadLetter): string {
  return `${group} ${id}`;
}

/** A redriven message keeps these of its letter; when it fails again its next letter has another time. */
function failureOf(letter: DeadLetter): string {
  return `${eventOf(letter)} ${letter.failedAt}`;
}
