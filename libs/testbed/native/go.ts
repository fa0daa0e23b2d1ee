import { execFile } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseVersion } from './tools.ts';
import { NativeStackError } from './types.ts';
import { versions } from './versions.ts';

const run = promisify(execFile);

/** The first Go version that downloads the version that a module requires. */
const FETCHES_ITSELF: readonly [number, number] = [1, 21];

/** The command and environment of Go. */
export interface Go {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Returns the name of a platform in Go's downloads, or undefined if there is no download for it. */
export function goPlatform(platform: string, processor: string): string | undefined {
  const processors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const name = processors[processor];
  return name === undefined || !['linux', 'darwin'].includes(platform) ? undefined : `${platform}-${name}`;
}

/** Makes the files of a directory executable, since the zip of a module has no permissions. */
async function makeExecutable(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

/** Downloads a newer Go as the module `golang.org/toolchain`, whose checksum is verified. */
async function fetchToolchain(): Promise<Go> {
  const platform = goPlatform(process.platform, process.arch);
  if (platform === undefined) {
    throw new NativeStackError(
      `The native servers need Go 1.21 or newer on ${process.platform} ${process.arch}: install it from https://go.dev/dl.`,
    );
  }
  const module = `golang.org/toolchain@v0.0.1-${versions.go}.${platform}`;
  const { stdout } = await run('go', ['mod', 'download', '-json', module]);
  // A field described in `go help mod download`.
  const { Dir: root } = JSON.parse(stdout) as { Dir: string };
  await makeExecutable(join(root, 'bin'));
  await makeExecutable(join(root, 'pkg', 'tool'));
  return { command: join(root, 'bin', 'go'), environment: { GOROOT: root, GOTOOLCHAIN: 'local' } };
}

/** Returns a Go that can build the servers: the one on the PATH, or a newer one that it downloads. */
export async function findGo(): Promise<Go> {
  const { stdout } = await run('go', ['version']);
  const [major, minor] = parseVersion(stdout) ?? FETCHES_ITSELF;
  const old = major < FETCHES_ITSELF[0] || (major === FETCHES_ITSELF[0] && minor < FETCHES_ITSELF[1]);
  // Distributions set `local`, which rejects modules that require a newer version.
  return old ? fetchToolchain() : { command: 'go', environment: { GOTOOLCHAIN: 'auto' } };
}
