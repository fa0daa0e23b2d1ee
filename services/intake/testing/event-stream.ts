import type { RunningIntake } from './running-intake.ts';

export interface StatusEvent {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A stream of server-sent events, read as a browser reads it. */
export interface EventStream extends AsyncDisposable {
  /** Returns the next event `status` and skips heartbeats. */
  next(): Promise<StatusEvent>;
  /** Waits for the next heartbeat. */
  heartbeat(): Promise<void>;
  /** Reads to the end of the stream. Returns false when there is another event `status`. */
  ended(): Promise<boolean>;
}

export async function openEvents(
  intake: RunningIntake,
  jobId: string,
  lastEventId?: string,
): Promise<EventStream> {
  const closing = new AbortController();
  const response = await fetch(`${intake.url}/iag/v1/contacts/export/events/${jobId}`, {
    signal: closing.signal,
    headers: {
      authorization: `Bearer ${await intake.token()}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (response.body === null) throw new Error(`The answer ${response.status} has no stream.`);
  const blocks = blocksOf(response.body);
  const read = async (wanted: (block: string) => boolean): Promise<string | undefined> => {
    for (;;) {
      const { value, done } = await blocks.next();
      if (done === true) return undefined;
      if (wanted(value)) return value;
    }
  };
  const isStatus = (block: string) => block.includes('event: status');
  return {
    async next() {
      const block = await read(isStatus);
      if (block === undefined) throw new Error('The stream has ended.');
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      // The service writes a status into each event of this name.
      return { id: field('id'), data: JSON.parse(field('data')) as StatusEvent['data'] };
    },
    async heartbeat() {
      const block = await read((one) => one === ': heartbeat');
      if (block === undefined) throw new Error('The stream has ended.');
    },
    ended: async () => (await read(isStatus)) === undefined,
    [Symbol.asyncDispose]() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    yield* blocks;
  }
  return undefined;
}
