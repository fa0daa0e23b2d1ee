import { describe, expect, it } from 'vitest';
import { Generation } from './generation.ts';

describe('a generation', () => {
  it('has the partitions of its assignment', () => {
    const generation = new Generation({ a: [0, 2], b: [1] });
    expect(generation.partitions.size).toBe(3);
    expect(generation.find('a', 2)).toMatchObject({ topic: 'a', partition: 2, position: undefined });
    expect(generation.find('a', 1)).toBeUndefined();
  });

  it('takes no more messages after a stop, while handlers continue', () => {
    const generation = new Generation({});
    const work = generation.startWork();
    generation.stop();
    expect(generation.stopping.aborted).toBe(true);
    expect(work.signal.aborted).toBe(false);
    expect(generation.ended).toBe(false);
  });

  it('aborts the running handlers on abortWork, and has not ended by that', () => {
    const generation = new Generation({});
    const [running, ended] = [generation.startWork(), generation.startWork()];
    generation.endWork(ended);
    generation.abortWork();
    expect(running.signal.aborted).toBe(true);
    expect(ended.signal.aborted).toBe(false);
    expect(generation.ended).toBe(false);
  });

  it('aborts running and later handlers and has ended when its partitions are lost', () => {
    const generation = new Generation({});
    const work = generation.startWork();
    generation.end();
    expect(work.signal.aborted).toBe(true);
    expect(generation.ended).toBe(true);
    expect(generation.startWork().signal.aborted).toBe(true);
  });
});
