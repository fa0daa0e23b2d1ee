import { join } from 'node:path';
import { findOnPath } from '../tools.ts';
import { NativeStackError, type Launch, type LaunchOptions } from '../types.ts';

/** Names of the binaries in the archive, by the platform and processor names of Node. */
const BINARIES: Readonly<Record<string, string>> = {
  'linux x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux arm64': 'redis-server-6.2.7-linux-arm64',
  'darwin x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin arm64': 'redis-server-6.2.6-v5-darwin-arm64',
};

/** Returns the name of the binary for a machine. @throws NativeStackError if the archive has none. */
export function redisBinary(platform: string, processor: string): string {
  const binary = BINARIES[`${platform} ${processor}`];
  if (binary === undefined) {
    throw new NativeStackError(
      `There is no ready-made Redis for ${platform} ${processor}: install redis-server, so that it is on the PATH.`,
    );
  }
  return binary;
}

export function launchRedis(options: LaunchOptions): Launch {
  return {
    command: findOnPath('redis-server') ?? join(options.built, 'redis', 'redis-server'),
    args: [
      ...['--bind', '127.0.0.1', '--port', String(options.ports.first)],
      // The append-only file survives kill -9, since the kernel has the written data.
      ...['--dir', options.dataDirectory, '--appendonly', 'yes', '--save', ''],
    ],
  };
}
