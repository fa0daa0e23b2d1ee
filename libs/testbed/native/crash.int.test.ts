import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor, type ServerName } from '../index.ts';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'waybill-crash-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Returns a program that starts servers and then runs the code `then`. */
const program = (servers: readonly ServerName[], then: string): string => `
  import { startStack } from '${join(import.meta.dirname, '..', 'index.ts')}';
  const stack = await startStack({ servers: ${JSON.stringify(servers)}, environment: {}, onProgress() {} });
  console.log(Object.values(stack.servers).map((server) => server.id).join(' '));
  ${then}
`;

async function startProgram(servers: readonly ServerName[], then: string) {
  const file = join(directory, 'program.ts');
  await writeFile(file, program(servers, then));
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: directory },
  });
  const exited = once(child, 'exit');
  const [ids] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, exited, ids: ids.split(' ').map(Number) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function expectNothingLeft(ids: readonly number[]): Promise<void> {
  await waitFor(() => !ids.some(isAlive), { limitMs: 20_000, what: 'the servers to end' });
  await waitFor(async () => (await readdir(directory)).every((name) => name === 'program.ts'), {
    limitMs: 5_000,
    what: 'their data to be removed',
  });
}

describe('the native servers of a program', () => {
  it('end and lose their data when it is killed with SIGKILL', async () => {
    const { child, exited, ids } = await startProgram(
      ['kafka', 'registry', 'mongo', 'redis', 's3', 'mail'],
      'setInterval(() => {}, 1000);',
    );
    expect(ids).toHaveLength(6);
    expect(ids.every(isAlive)).toBe(true);
    child.kill('SIGKILL');
    await exited;
    await expectNothingLeft(ids);
  });

  it('end when it is interrupted with SIGINT', async () => {
    const { child, exited, ids } = await startProgram(['redis', 'mail'], 'setInterval(() => {}, 1000);');
    child.kill('SIGINT');
    await exited;
    await expectNothingLeft(ids);
  });

  it('end when it exits without stopping them', async () => {
    const { exited, ids } = await startProgram(['redis', 's3'], 'process.exit(3);');
    expect(await exited).toEqual([3, null]);
    await expectNothingLeft(ids);
  });

  it('end even if they hang', async () => {
    const { exited, ids } = await startProgram(
      ['redis'],
      "await stack.servers.redis.signal('SIGSTOP'); process.exit(0);",
    );
    await exited;
    await expectNothingLeft(ids);
  });

  it('end and leave no process and no data when it stops them', async () => {
    const { exited, ids } = await startProgram(['kafka', 'redis'], 'await stack.stop();');
    expect(await exited).toEqual([0, null]);
    expect(ids.some(isAlive)).toBe(false);
    expect(await readdir(directory)).toEqual(['program.ts']);
    expect(existsSync(directory)).toBe(true);
  });
});
