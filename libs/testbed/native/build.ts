import { spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { itemsFor, type Item, type RunOptions } from './items.ts';
import { withLock } from './lock.ts';
import { missingTool, type Tool } from './tools.ts';
import { NativeStackError, type Progress, type ServerName } from './types.ts';
import { cacheDirectory } from './versions.ts';

/** Interval of the progress lines during a build, which takes minutes the first time. */
const REPORT_EVERY_MS = 5_000;
/** Time limit for one item. The slowest one took 72 s. */
const ITEM_LIMIT_MS = 15 * 60_000;
/** Returns the tools that built servers need: sh for the watcher, and Java for three of them. */
const runtimeTools = (servers: readonly ServerName[]): Tool[] =>
  servers.some((server) => server === 'kafka' || server === 'registry' || server === 'mongo')
    ? ['sh', 'java']
    : ['sh'];

const seconds = (since: number): string => `${String(Math.round((performance.now() - since) / 1000))} s`;

const isBuilt = (cache: string, item: Item): boolean => existsSync(join(cache, item.server));

async function runLogged(log: string, command: string, args: readonly string[], options: RunOptions = {}) {
  const output = createWriteStream(log, { flags: 'a' });
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ITEM_LIMIT_MS,
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  output.end();
  await finished(output);
  if (code !== 0) {
    throw new Error(`${command} ended with ${code === null ? 'a signal' : `code ${String(code)}`}`);
  }
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

/** Builds in a temporary directory and moves the result in one step, so that a partial build is never used. */
async function buildItem(cache: string, item: Item): Promise<void> {
  // The lock allows one build at a time, so the directory can be that of an earlier interrupted build.
  const target = join(cache, `${item.server}.building`);
  const log = join(cache, `${item.server}.log`);
  await rm(target, { recursive: true, force: true });
  await rm(log, { force: true });
  await mkdir(target, { recursive: true });
  try {
    await item.build(target, (command, args, options) => runLogged(log, command, args, options));
    await rename(target, join(cache, item.server));
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new NativeStackError(
      `${item.title} could not be built: ${reason}. The end of ${log}:\n${await lastLines(log)}`,
      { cause: error },
    );
  }
}

async function buildAll(cache: string, items: readonly Item[], onProgress: Progress): Promise<void> {
  const running = new Map<Item, number>();
  const report = setInterval(() => {
    const building = [...running].map(([item, since]) => `${item.title} (${seconds(since)})`);
    if (building.length > 0) onProgress(`building ${building.join(', ')}`);
  }, REPORT_EVERY_MS);
  const buildQueue = async (name: Item['queue']): Promise<void> => {
    for (const item of items.filter((candidate) => candidate.queue === name)) {
      const since = performance.now();
      running.set(item, since);
      await buildItem(cache, item).finally(() => running.delete(item));
      onProgress(`built ${item.title} in ${seconds(since)}`);
    }
  };
  try {
    const results = await Promise.allSettled([...new Set(items.map((item) => item.queue))].map(buildQueue));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } finally {
    clearInterval(report);
  }
}

/** Returns the items of these servers that are not built yet. */
function unbuilt(cache: string, servers: readonly ServerName[]): Item[] {
  return itemsFor(servers).filter((item) => !isBuilt(cache, item));
}

/**
 * Returns one sentence that names what is missing on this machine to build and run these servers and how to install it, or
 * undefined if nothing is missing. Built servers need Java at most.
 */
export async function missingForNative(servers: readonly ServerName[]): Promise<string | undefined> {
  if (process.platform === 'win32') {
    return 'The native servers run on Linux and macOS: use a container engine, or the Linux subsystem.';
  }
  const building = unbuilt(cacheDirectory(), servers).flatMap((item) => item.tools);
  return missingTool([...new Set([...runtimeTools(servers), ...building])]);
}

/**
 * Builds the servers that are not in the cache and returns the folder of the built servers. If two processes build at the
 * same time, the second one waits.
 *
 * @throws NativeStackError if a tool is missing or a build fails, with the end of its log.
 */
export async function ensureBuilt(servers: readonly ServerName[], onProgress: Progress): Promise<string> {
  const missing = await missingForNative(servers);
  if (missing !== undefined) throw new NativeStackError(missing);
  const cache = cacheDirectory();
  if (unbuilt(cache, servers).length === 0) return cache;
  await mkdir(cache, { recursive: true });
  const started = performance.now();
  await withLock(
    join(cache, 'lock'),
    () => onProgress(`waiting for another process that builds in ${cache}`),
    async () => {
      const items = unbuilt(cache, servers); // Another process may have built them.
      if (items.length === 0) return;
      const titles = items.map((item) => item.title).join(', ');
      onProgress(`first start: building ${titles} into ${cache} (minutes, once)`);
      await buildAll(cache, items, onProgress);
      onProgress(`built all in ${seconds(started)}`);
    },
  );
  return cache;
}
