import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

function read(client: 'ours' | 'node'): { readonly status: number | null; readonly output: string } {
  const main = join(import.meta.dirname, 'testing', 'hasty-server-main.ts');
  const { status, stdout } = spawnSync(process.execPath, [main, client], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, output: stdout };
}

describe('fetch, when a server ends the connection before the body is read', () => {
  it('still gives the whole body', () => {
    expect(read('ours')).toEqual({ status: 0, output: '65536' });
  });

  it('would end the process with the client inside Node: when this fails, installFetch can go', () => {
    expect(read('node').status).not.toBe(0);
  });
});
