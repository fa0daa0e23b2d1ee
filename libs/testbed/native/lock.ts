import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Interval at which the holder touches its lock. A lock untouched for `STALE_MS` is that of a dead process. */
const TOUCH_MS = 1_000;
const STALE_MS = 10_000;
const POLL_MS = 200;

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

async function acquired(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    return false;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch {
    return false; // The lock was released just now. The next attempt acquires it.
  }
}

/** Removes a stale lock. Renaming is atomic, so only one of several processes succeeds. */
async function breakLock(path: string): Promise<void> {
  const aside = `${path}.stale-${String(process.pid)}-${String(Date.now())}`;
  try {
    await rename(path, aside);
    await rm(aside, { recursive: true, force: true });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

/**
 * Runs `work` under a lock of this machine, the directory `path`. Waits while another process has the lock and touches it.
 * Takes over the lock of a dead process after 10 s.
 */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  let notified = false;
  while (!(await acquired(path))) {
    if (await isStale(path)) {
      await breakLock(path);
      continue;
    }
    if (!notified) onWait();
    notified = true;
    await delay(POLL_MS);
  }
  const touch = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    await rm(path, { recursive: true, force: true });
  }
}
