import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer } from '../index.ts';
import { redisClient } from '../testing/clients.ts';

const path = process.env['PATH'] ?? '';
let directory: string;

/** Sets a PATH without redis-server: folders that have it are replaced by copies without it. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'waybill-path-'));
  const folders = await Promise.all(
    path.split(delimiter).map(async (folder) => {
      if (!existsSync(join(folder, 'redis-server'))) return folder;
      const copy = await mkdtemp(join(directory, 'bin-'));
      for (const name of await readdir(folder)) {
        if (name !== 'redis-server') await symlink(join(folder, name), join(copy, name));
      }
      return copy;
    }),
  );
  process.env['PATH'] = folders.join(delimiter);
});

afterAll(async () => {
  process.env['PATH'] = path;
  await rm(directory, { recursive: true, force: true });
});

it('startServer runs the Redis from Maven if redis-server is not installed', async () => {
  await using server = await startServer('redis', { mode: 'native' });
  const redis = redisClient(server.addresses.redis);
  expect(await redis.info('server')).toMatch(/redis_version:6\.2\./);
  expect(await redis.set('a', '1', 'PX', 1_000, 'NX')).toBe('OK');
  redis.disconnect();
});
