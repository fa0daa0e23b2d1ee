import { describe, expect, it } from 'vitest';
import { unlessGivenUp } from './cancellable.ts';

describe('work that may be given up', () => {
  it('gives its value while somebody wants it', async () => {
    expect(await unlessGivenUp(Promise.resolve(7), () => Promise.resolve(), 1)).toBe(7);
  });

  it('fails as the work does', async () => {
    const failing = Promise.reject(new Error('away'));
    await expect(unlessGivenUp(failing, () => Promise.resolve(), 1)).rejects.toThrow('away');
  });

  it('ends with the reason when nobody wants it any more, though it would never end by itself', async () => {
    let asked = 0;
    const check = () => {
      asked += 1;
      return asked < 3 ? Promise.resolve() : Promise.reject(new Error('cancelled'));
    };
    await expect(unlessGivenUp(new Promise(() => undefined), check, 1)).rejects.toThrow('cancelled');
    expect(asked).toBe(3);
  });

  it('asks no more once the work is done', async () => {
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<number>();
    const check = () => {
      asked += 1;
      resolve(asked);
      return Promise.resolve();
    };
    const done = await unlessGivenUp(promise, check, 1);
    await new Promise((tick) => setImmediate(tick));
    expect(asked).toBe(done);
  });
});
