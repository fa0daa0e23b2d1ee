import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from './tools.ts';

const run = promisify(execFile);

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'waybill-build-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Builds servers in a separate process with an empty cache. Resolves with the progress lines. */
async function build(servers: readonly string[], path = process.env['PATH']): Promise<string[]> {
  const program = `
    import { ensureBuilt } from '${join(import.meta.dirname, 'index.ts')}';
    await ensureBuilt(${JSON.stringify(servers)}, (line) => console.log(line)).catch((error) => {
      console.log('FAILED ' + error.name + ': ' + error.message);
    });`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, PATH: path, XDG_CACHE_HOME: directory },
  });
  return stdout.trimEnd().split('\n');
}

async function cached(): Promise<string[]> {
  const [folder = ''] = await readdir(join(directory, 'waybill'));
  return (await readdir(join(directory, 'waybill', folder))).sort();
}

/** Creates a folder for the PATH with these scripts and links to real programs. */
async function pathWith(
  programs: Readonly<Record<string, string>>,
  real: readonly string[],
): Promise<string> {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  for (const name of real) {
    const file = findOnPath(name);
    if (file !== undefined) await symlink(file, join(bin, basename(name)));
  }
  return bin;
}

describe('ensureBuilt', () => {
  it('builds once for two processes at the same time, and the second one waits', async () => {
    const both = await Promise.all([build(['mongo']), build(['mongo'])]);
    const lines = both.flat();
    expect(lines.filter((line) => line.startsWith('built mongo-java-server'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('waiting for another process'))).toHaveLength(1);
    expect(await cached()).toEqual(['mongo', 'mongo.log']);
    expect(await build(['mongo'])).toEqual(['']);
  });

  it('throws the end of the log when a build fails, and leaves no partial build', async () => {
    const path = await pathWith({ mvn: 'echo "[ERROR] Unknown host repo.example.test"; exit 1' }, [
      'java',
      'javac',
      'sh',
    ]);
    const lines = (await build(['mongo'], path)).join('\n');
    expect(lines).toMatch(
      /FAILED NativeStackError: mongo-java-server \S+ could not be built: mvn ended with code 1/,
    );
    expect(lines).toContain('[ERROR] Unknown host repo.example.test');
    expect(await cached()).toEqual(['mongo.log']);
  });

  it('throws one sentence that names a missing tool and how to install it', async () => {
    const path = await pathWith({}, ['java', 'javac', 'sh']);
    const [line, ...rest] = await build(['mongo'], path);
    expect(rest).toEqual([]);
    expect(line).toMatch(
      /^FAILED NativeStackError: The native servers need Maven \(`mvn`\), which is not on the PATH: install it \(.+install maven\)\.$/,
    );
    expect(existsSync(join(directory, 'waybill'))).toBe(false);
  });

  it('throws the installed version of a tool that is too old', async () => {
    const path = await pathWith({ java: `echo 'openjdk version "11.0.2"' >&2` }, ['javac', 'mvn', 'sh']);
    const [line] = await build(['mongo'], path);
    expect(line).toContain('need Java 17 (`java`) or newer, and version 11.0 is on the PATH');
  });
});
