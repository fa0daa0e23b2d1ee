import type { Topic, TopicEvents } from '@waybill/schemas';
import type { EventHead } from '../wire/headers.ts';
import type { Incoming } from '../wire/incoming.ts';
import type { MessageOf, UnreadMessage } from '../types/types.ts';

/** What was read of a message: its event, and what its headers say. */
export interface Content<T extends Topic> {
  readonly head: EventHead;
  readonly event: TopicEvents[T];
}

/** The message as a handler sees it. */
export function messageOf<T extends Topic>(
  incoming: Incoming<T>,
  { head, event }: Content<T>,
  delivery: number,
): MessageOf<T> {
  const { topic, partition, offset } = incoming.origin;
  const message = { topic, partition, offset, key: keyOf(incoming), ...head, delivery, event };
  // Topic and event belong together, since the codec decodes by the topic; the compiler cannot see that for a union.
  return message as unknown as MessageOf<T>;
}

/** The message as `onDeadLetter` sees it; its headers may be anything. */
export function unreadMessageOf<T extends Topic>(
  incoming: Incoming<T>,
  event: TopicEvents[T] | undefined,
): UnreadMessage<TopicEvents[T], T> {
  const { topic, partition, offset } = incoming.origin;
  const companyId = incoming.headers['ce_companyid'];
  const attempt = Number(incoming.headers['ce_attempt']);
  return {
    topic,
    partition,
    offset,
    key: keyOf(incoming),
    headers: incoming.headers,
    ...(companyId === undefined ? {} : { companyId }),
    ...(Number.isSafeInteger(attempt) && attempt > 0 ? { attempt } : {}),
    ...(event === undefined ? {} : { event }),
  };
}

function keyOf(incoming: Incoming): string {
  return incoming.key?.toString() ?? '';
}
