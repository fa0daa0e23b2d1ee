import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Harness as History } from '../services/history/testing/harness.ts';
import { Harness as Notify } from '../services/notify/testing/harness.ts';

let history: History;
let notify: Notify;

beforeAll(async () => {
  history = await History.open();
  const { TOPIC_PREFIX, AUTH_JWKS_URL } = history.environment;
  // One installation: the same topics, and tokens of the same issuer.
  notify = await Notify.open({ TOPIC_PREFIX: TOPIC_PREFIX ?? '', AUTH_JWKS_URL: AUTH_JWKS_URL ?? '' });
  await history.start();
  await notify.start();
});
afterAll(async () => {
  await notify[Symbol.asyncDispose]();
  await history[Symbol.asyncDispose]();
});

const script = fileURLToPath(new URL('./erase.ts', import.meta.url));

function run(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, output: stdout + stderr });
    });
  });
}

const addresses = () => ['--history', history.url, '--notify', notify.url];

describe('npm run erase', () => {
  it('has both services erase a person, and says what went and that nothing is left', async () => {
    const ani = await history.person();
    const admin = await history.person({
      companyId: ani.companyId,
      permissions: ['contacts.export.admin'],
    });
    const event = await history.exported(ani);
    await history.register(event);
    const token = ['--token', await history.token(admin)];
    const { code, output } = await run(
      ...addresses(),
      ...token,
      '--company',
      ani.companyId,
      '--user',
      ani.userId,
    );
    expect(output).toContain('history: removed {"files":1,"entries":1,"downloads":0}, left {"entries":0');
    expect(output).toContain('notify: removed');
    expect(code).toBe(0);
    expect(await history.collections.entries.findOne({ _id: event.job_id })).toMatchObject({
      user_id: 'erased',
    });
  });

  it('fails with 1 where a service refuses or does not answer, and erases nothing of another company', async () => {
    const ani = await history.person();
    const event = await history.exported(ani);
    await history.register(event);
    const other = await history.person({ permissions: ['contacts.export.admin'] });
    const token = ['--token', await history.token(other)];
    const refused = await run(...addresses(), ...token, '--company', ani.companyId);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('history answered 422');
    expect(await history.collections.entries.findOne({ _id: event.job_id })).toMatchObject({
      user_id: ani.userId,
    });
    const away = ['--history', history.url, '--notify', 'http://127.0.0.1:9'];
    const half = await run(...away, ...token, '--company', other.companyId);
    expect([half.code, half.output]).toEqual([1, expect.stringContaining('notify does not answer')]);
  });

  it('says how it is used, with 2', async () => {
    const { code, output } = await run('--compny', 'x');
    expect(code).toBe(2);
    expect(output).toContain('usage: npm run erase');
  });
});
