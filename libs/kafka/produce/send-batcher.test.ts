import { describe, expect, it } from 'vitest';
import { batchSends } from './send-batcher.ts';

/** Records the batches; each is in flight until the test ends it. */
function recorded() {
  const batches: string[][] = [];
  const ends: PromiseWithResolvers<undefined>[] = [];
  const send = batchSends<string>(async (messages) => {
    batches.push([...messages]);
    const end = Promise.withResolvers<undefined>();
    ends.push(end);
    await end.promise;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { batches, ends, send, turn };
}

const wanted = new AbortController().signal;

describe('batchSends', () => {
  it('sends immediately while nothing is in flight, and in one batch otherwise', async () => {
    const { batches, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const others = ['b', 'c', 'd'].map((message) => send(message, wanted));
    await turn();
    expect(batches).toEqual([['a']]);
    ends[0]?.resolve(undefined);
    await first;
    await turn();
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
    const after = send('e', wanted);
    ends[1]?.resolve(undefined);
    await Promise.all(others);
    await turn();
    expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    ends[2]?.resolve(undefined);
    await after;
  });

  it('rejects only the messages of a failed batch and sends the next one', async () => {
    const { batches, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const second = send('b', wanted);
    ends[0]?.reject(new Error('no broker'));
    await expect(first).rejects.toThrow('no broker');
    await turn();
    expect(batches).toEqual([['a'], ['b']]);
    ends[1]?.resolve(undefined);
    await second;
  });

  it('does not send a message whose caller timed out while it waited', async () => {
    const { batches, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const gone = new AbortController();
    const waiting = [send('b', gone.signal), send('c', wanted)];
    gone.abort();
    ends[0]?.resolve(undefined);
    await first;
    await turn();
    expect(batches).toEqual([['a'], ['c']]);
    ends[1]?.resolve(undefined);
    await Promise.all(waiting);
  });

  it('sends nothing if all callers timed out', async () => {
    const { batches, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const waiting = send('b', AbortSignal.abort());
    ends[0]?.resolve(undefined);
    await Promise.all([first, waiting]);
    expect(batches).toEqual([['a']]);
  });
});
