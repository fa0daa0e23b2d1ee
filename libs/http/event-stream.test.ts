import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { companyId, userId } from '@waybill/domain';
import { createStreamLimit, textOf, type StreamEvent } from './event-stream.ts';

async function* eventsOf(...events: readonly StreamEvent[]): AsyncGenerator<StreamEvent> {
  for (const event of events) {
    await Promise.resolve();
    yield event;
  }
}

describe('textOf', () => {
  it('returns the reconnection time, then each event with its id, name and JSON data', async () => {
    const source = eventsOf(
      { event: 'unread', data: { unread_count: 2 } },
      { id: 7, event: 'status', data: 'a\nb' },
    );
    const texts = [];
    for await (const text of textOf(source, 60_000)) texts.push(text);
    expect(texts).toEqual([
      'retry: 2000\n\n',
      'event: unread\ndata: {"unread_count":2}\n\n',
      'id: 7\nevent: status\ndata: "a\\nb"\n\n',
    ]);
  });

  it('returns a comment after each heartbeat interval without an event, and loses no event', async () => {
    const released = Promise.withResolvers<string>();
    async function* slow(): AsyncGenerator<StreamEvent> {
      await released.promise;
      yield { event: 'status', data: 1 };
    }
    const texts = textOf(slow(), 2);
    await texts.next();
    expect((await texts.next()).value).toBe(': heartbeat\n\n');
    expect((await texts.next()).value).toBe(': heartbeat\n\n');
    released.resolve('released');
    expect((await texts.next()).value).toBe('event: status\ndata: 1\n\n');
    expect((await texts.next()).done).toBe(true);
  });

  it('closes its source when the stream is destroyed', async () => {
    const closed = Promise.withResolvers<string>();
    async function* endless(): AsyncGenerator<StreamEvent> {
      try {
        for (;;) yield { event: 'status', data: await delay(0, 1) };
      } finally {
        closed.resolve('closed');
      }
    }
    const texts = textOf(endless(), 60_000);
    await texts.next();
    await texts.next();
    await texts.return();
    expect(await closed.promise).toBe('closed');
  });
});

describe('createStreamLimit', () => {
  const person = (user: string, company = 'c1') => ({ userId: userId(user), companyId: companyId(company) });

  it('refuses a further stream of a person until one of them is closed, and does not count those of others', () => {
    const limit = createStreamLimit(2);
    const [close] = [limit.open(person('ani')), limit.open(person('ani'))];
    const refused = expect.objectContaining({ code: 'TOO_MANY_STREAMS', params: { limit: 2 } }) as Error;
    expect(() => limit.open(person('ani'))).toThrow(refused);
    limit.open(person('budi'));
    limit.open(person('ani', 'c2'));
    close();
    limit.open(person('ani'));
    expect(() => limit.open(person('ani'))).toThrow(refused);
  });
});
