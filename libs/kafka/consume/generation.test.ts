import { describe, expect, it } from 'vitest';
import { Generation } from './generation.ts';

describe('a generation', () => {
  it('knows the partitions that it was given', () => {
    const generation = new Generation({ a: [0, 2], b: [1] });
    expect(generation.partitions.size).toBe(3);
    expect(generation.find('a', 2)).toMatchObject({ topic: 'a', partition: 2, standing: undefined });
    expect(generation.find('a', 1)).toBeUndefined();
  });

  it('takes no more messages at a stop, while handlers go on', () => {
    const generation = new Generation({});
    const work = generation.startWork();
    generation.stopTaking();
    expect(generation.taking.aborted).toBe(true);
    expect(work.signal.aborted).toBe(false);
    expect(generation.over).toBe(false);
  });

  it('aborts handlers that run too long and still counts what they have done', () => {
    const generation = new Generation({});
    const [running, ended] = [generation.startWork(), generation.startWork()];
    generation.endWork(ended);
    generation.abortWork();
    expect(running.signal.aborted).toBe(true);
    expect(ended.signal.aborted).toBe(false);
    expect(generation.over).toBe(false);
  });

  it('is over when the partitions are lost: running handlers are aborted, later ones begin aborted', () => {
    const generation = new Generation({});
    const work = generation.startWork();
    generation.end();
    expect(work.signal.aborted).toBe(true);
    expect(generation.over).toBe(true);
    expect(generation.startWork().signal.aborted).toBe(true);
  });
});
