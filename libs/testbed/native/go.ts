import { execFile } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseVersion } from './tools.ts';
import { NativeStackError } from './types.ts';
import { versions } from './versions.ts';

const run = promisify(execFile);

/** The first Go that fetches by itself the newer one that a module asks for. */
const FETCHES_ITSELF: readonly [number, number] = [1, 21];

/** How to call Go. */
export interface Go {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Go's own name of a platform, as in its download names; undefined where there is no ready-made one. */
export function goPlatform(platform: string, processor: string): string | undefined {
  const processors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const name = processors[processor];
  return name === undefined || !['linux', 'darwin'].includes(platform) ? undefined : `${platform}-${name}`;
}

/** Makes a file executable: a module zip carries no permissions. */
async function makeExecutable(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

/** Fetches a newer Go the way a newer Go would: as the module `golang.org/toolchain`, checked against its sum. */
async function fetchToolchain(): Promise<Go> {
  const platform = goPlatform(process.platform, process.arch);
  if (platform === undefined) {
    throw new NativeStackError(
      `The native servers need Go 1.21 or newer on ${process.platform} ${process.arch}: install it from https://go.dev/dl.`,
    );
  }
  const module = `golang.org/toolchain@v0.0.1-${versions.go}.${platform}`;
  const { stdout } = await run('go', ['mod', 'download', '-json', module]);
  // The fields of `go help mod download`.
  const { Dir: root } = JSON.parse(stdout) as { Dir: string };
  await makeExecutable(join(root, 'bin'));
  await makeExecutable(join(root, 'pkg', 'tool'));
  return { command: join(root, 'bin', 'go'), environment: { GOROOT: root, GOTOOLCHAIN: 'local' } };
}

/** A Go that can build the servers: the one on the PATH, or a newer one that the one on the PATH fetches. */
export async function findGo(): Promise<Go> {
  const { stdout } = await run('go', ['version']);
  const [major, minor] = parseVersion(stdout) ?? FETCHES_ITSELF;
  const old = major < FETCHES_ITSELF[0] || (major === FETCHES_ITSELF[0] && minor < FETCHES_ITSELF[1]);
  // Distributions set `local`, which would refuse a module that asks for more.
  return old ? fetchToolchain() : { command: 'go', environment: { GOTOOLCHAIN: 'auto' } };
}
