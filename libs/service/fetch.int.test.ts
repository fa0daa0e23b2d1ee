import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Reads a body in a process of its own, with the client of installFetch or with that of Node. */
function readBody(client: 'undici' | 'node'): { readonly status: number | null; readonly output: string } {
  const main = join(import.meta.dirname, 'testing', 'hasty-server-main.ts');
  const { status, stdout } = spawnSync(process.execPath, [main, client], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, output: stdout };
}

describe('fetch, when a server ends the connection before the body is read', () => {
  it('returns the whole body after installFetch', () => {
    expect(readBody('undici')).toEqual({ status: 0, output: '65536' });
  });

  it('ends the process without installFetch (when this fails, installFetch can be removed)', () => {
    expect(readBody('node').status).not.toBe(0);
  });
});
