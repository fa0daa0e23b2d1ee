import { describe, expect, it } from 'vitest';
import { grouped } from './send-batcher.ts';

/** What was sent together, each group until the test lets it end. */
function recorded() {
  const groups: string[][] = [];
  const ends: PromiseWithResolvers<undefined>[] = [];
  const send = grouped<string>(async (messages) => {
    groups.push([...messages]);
    const end = Promise.withResolvers<undefined>();
    ends.push(end);
    await end.promise;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { groups, ends, send, turn };
}

const wanted = new AbortController().signal;

describe('grouped sends', () => {
  it('go at once where nothing is under way, and together where something is', async () => {
    const { groups, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const others = ['b', 'c', 'd'].map((message) => send(message, wanted));
    await turn();
    expect(groups).toEqual([['a']]);
    ends[0]?.resolve(undefined);
    await first;
    await turn();
    expect(groups).toEqual([['a'], ['b', 'c', 'd']]);
    const after = send('e', wanted);
    ends[1]?.resolve(undefined);
    await Promise.all(others);
    await turn();
    expect(groups).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    ends[2]?.resolve(undefined);
    await after;
  });

  it('fail with their own group alone, and the next group goes', async () => {
    const { groups, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const second = send('b', wanted);
    ends[0]?.reject(new Error('no broker'));
    await expect(first).rejects.toThrow('no broker');
    await turn();
    expect(groups).toEqual([['a'], ['b']]);
    ends[1]?.resolve(undefined);
    await second;
  });

  it('are not made for who has given up while they waited', async () => {
    const { groups, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const gone = new AbortController();
    const waiting = [send('b', gone.signal), send('c', wanted)];
    gone.abort();
    ends[0]?.resolve(undefined);
    await first;
    await turn();
    expect(groups).toEqual([['a'], ['c']]);
    ends[1]?.resolve(undefined);
    await Promise.all(waiting);
  });

  it('send nothing where everybody has given up', async () => {
    const { groups, ends, send, turn } = recorded();
    const first = send('a', wanted);
    await turn();
    const waiting = send('b', AbortSignal.abort());
    ends[0]?.resolve(undefined);
    await Promise.all([first, waiting]);
    expect(groups).toEqual([['a']]);
  });
});
