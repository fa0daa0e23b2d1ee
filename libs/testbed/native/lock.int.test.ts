import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let directory: string;
let lock: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'waybill-lock-'));
  lock = join(directory, 'lock');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('withLock', () => {
  it('runs one caller at a time, and notifies the others that they wait', async () => {
    let inside = 0;
    let most = 0;
    let waited = 0;
    const enter = () =>
      withLock(
        lock,
        () => (waited += 1),
        async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
        },
      );
    await Promise.all(Array.from({ length: 5 }, enter));
    expect(most).toBe(1);
    expect(waited).toBe(4);
    expect(existsSync(lock)).toBe(false);
  });

  it('releases the lock when the work fails', async () => {
    const fails = withLock(
      lock,
      () => undefined,
      () => Promise.reject(new Error('no network')),
    );
    await expect(fails).rejects.toThrow('no network');
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over the lock of a process that died', async () => {
    await mkdir(lock);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    expect(
      await withLock(
        lock,
        () => undefined,
        () => Promise.resolve('in'),
      ),
    ).toBe('in');
  });
});
