import { describe, expect, it } from 'vitest';
import { cancellable } from './cancellable.ts';

describe('cancellable', () => {
  it('returns the value of the work', async () => {
    expect(await cancellable(Promise.resolve(7), () => Promise.resolve(), 1)).toBe(7);
  });

  it('rejects when the work fails', async () => {
    const failing = Promise.reject(new Error('away'));
    await expect(cancellable(failing, () => Promise.resolve(), 1)).rejects.toThrow('away');
  });

  it('rejects with what the check throws, although the work never ends', async () => {
    let asked = 0;
    const check = () => {
      asked += 1;
      return asked < 3 ? Promise.resolve() : Promise.reject(new Error('cancelled'));
    };
    await expect(cancellable(new Promise(() => undefined), check, 1)).rejects.toThrow('cancelled');
    expect(asked).toBe(3);
  });

  it('stops checking when the work is done', async () => {
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<number>();
    const check = () => {
      asked += 1;
      resolve(asked);
      return Promise.resolve();
    };
    const done = await cancellable(promise, check, 1);
    await new Promise((tick) => setImmediate(tick));
    expect(asked).toBe(done);
  });
});
