import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sharedAddresses, waitFor } from '@waybill/testbed';

const SCRIPT = join(import.meta.dirname, 'stack.ts');

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'waybill-cli-'))));
afterEach(async () => {
  await stack('down');
  await rm(directory, { recursive: true, force: true });
});

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns an environment with a state directory of its own and without the addresses of some servers. */
function environment(...unset: string[]): NodeJS.ProcessEnv {
  const settings = Object.fromEntries(unset.map((name) => [name, '']));
  return {
    ...process.env,
    ...settings,
    WAYBILL_STACK: 'native',
    WAYBILL_DIRECTORY: directory,
    TMPDIR: directory,
  };
}

/** Runs the command to its end. It has to start Redis and the mail server. */
function stack(...args: string[]): Promise<Result> {
  const env = environment('REDIS_URL', 'SMTP_URL', 'INBOX_URL');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SCRIPT, ...args], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const statePath = (): string => join(directory, 'stack.json');

interface State {
  readonly pid: number;
  readonly servers: readonly { readonly name: string; readonly id: string }[];
}

async function readState(): Promise<State> {
  // Written by the command under test.
  return JSON.parse(await readFile(statePath(), 'utf8')) as State;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('npm run stack', () => {
  it('starts the servers without an address with up, reports them with status and env, and stops them with down', async () => {
    const up = await stack('up');
    expect(up).toMatchObject({ code: 0 });
    expect(up.stderr).toContain('starting redis, mail (');
    expect(up.stdout).toMatch(/redis +answers \d+/);
    expect(up.stdout).not.toContain(sharedAddresses().s3.secretAccessKey);
    const state = await readState();
    expect((await stat(statePath())).mode & 0o077).toBe(0);

    expect((await stack('up')).stdout).toContain('up already');
    expect((await readState()).pid).toBe(state.pid);

    const env = (await stack('env')).stdout;
    expect(env).toContain(`export KAFKA_BROKERS='${sharedAddresses().kafka.brokers}'`);
    expect(env).toMatch(/^export REDIS_URL='redis:\/\/127\.0\.0\.1:\d+'$/m);
    expect(env).not.toContain(sharedAddresses().redis.url);

    expect(await stack('down')).toMatchObject({ code: 0, stdout: 'The stack is stopped.\n' });
    expect(state.servers.map(({ name }) => name)).toEqual(['redis', 'mail']);
    expect(state.servers.some(({ id }) => isAlive(Number(id)))).toBe(false);
    await waitFor(() => !isAlive(state.pid), { limitMs: 5_000, what: 'the supervisor to end' });
    expect(existsSync(statePath())).toBe(false);
    expect(await stack('down')).toMatchObject({ code: 0, stdout: 'No stack is up.\n' });
  });

  it('reports a server that is down with status, and exits with 1', async () => {
    await stack('up');
    const redis = (await readState()).servers.find(({ name }) => name === 'redis');
    process.kill(Number(redis?.id), 'SIGKILL');
    const status = await stack('status');
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/redis +DOWN +\d+ .*ECONNREFUSED/);
    expect(status.stdout).toMatch(/mail +answers/);
  });

  it('removes the state of a killed stack, whose servers have ended', async () => {
    await stack('up');
    const state = await readState();
    process.kill(state.pid, 'SIGKILL');
    const ids = state.servers.map(({ id }) => Number(id));
    await waitFor(() => !ids.some(isAlive), { limitMs: 20_000, what: 'the servers to end' });
    expect(await stack('status')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('No stack is up') as unknown,
    });
    expect(existsSync(statePath())).toBe(false);
    expect(await stack('env')).toMatchObject({ code: 1, stdout: '' });
  });

  it('leaves no server and no data when up is killed while the servers start', async () => {
    // The registry needs seconds, so the servers are still starting when the line is printed.
    const up = spawn(process.execPath, [SCRIPT, 'up'], {
      env: environment('REDIS_URL', 'SCHEMA_REGISTRY_URL'),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [line] = (await once(createInterface(up.stderr), 'line')) as [string];
    expect(line).toBe('starting registry, redis (native)');
    up.kill('SIGKILL');
    const left = async () => (await readdir(directory)).filter((name) => name.startsWith('waybill-'));
    await waitFor(async () => (await left()).length === 0, { limitMs: 20_000, what: 'the servers to end' });
    expect(existsSync(statePath())).toBe(false);
  });

  it('ignores a state whose port another program uses now', async () => {
    await stack('up');
    const state = await readFile(statePath(), 'utf8');
    await stack('down');
    const other: Server = createServer((socket) => socket.end('SSH-2.0-other\r\n')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await writeFile(
      statePath(),
      state.replace(/("url": "http:\/\/127\.0\.0\.1:)\d+("\s*,\s*"token")/, `$1${String(port)}$2`),
    );
    expect((await stack('down')).stdout).toBe('No stack is up.\n');
    other.close();
  });

  it('ignores a state that it cannot read', async () => {
    await writeFile(statePath(), '{"pid":');
    expect((await stack('status')).stdout).toContain('No stack is up');
  });

  it.each([[[]], [['start']], [['up', 'now']]])(
    'prints its usage for the arguments %j and exits with 2',
    async (args) => {
      const { code, stdout, stderr } = await stack(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('Usage: npm run stack -- COMMAND');
    },
  );

  it('prints its usage with --help', async () => {
    expect(await stack('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage:') as unknown,
    });
  });
});
