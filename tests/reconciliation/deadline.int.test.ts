import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PipelineInstallation } from './testing/installation.ts';

/** Jobs that reach JOB_DEADLINE_MS because a server, or a key, is away. */

const deadline = { JOB_DEADLINE_MS: '4000' };
let installation: PipelineInstallation;

beforeAll(async () => {
  installation = await PipelineInstallation.open({ contacts: 50 });
  const { intake, notify } = installation;
  await Promise.all([intake.start(), notify.start()]);
});
afterEach(stop);
afterAll(() => installation[Symbol.asyncDispose]());

async function stop(): Promise<void> {
  await Promise.all([installation.render.stop(), installation.resolver.stop()]);
}

describe('a job past its deadline', () => {
  it.each([
    {
      what: 'the object storage is away from render',
      code: 'STORAGE_UNAVAILABLE',
      render: { S3_ENDPOINT: 'http://127.0.0.1:9', ...deadline },
      resolver: {},
    },
    {
      what: 'resolver does not have the encryption key',
      code: 'ENCRYPTION_KEY_UNKNOWN',
      render: {},
      resolver: {
        KEY_ENCRYPTION_KEYS: `other:${Buffer.alloc(32, 7).toString('base64')}`,
        KEY_ENCRYPTION_KEY_ID: 'other',
        ...deadline,
      },
    },
  ])(
    'fails with the cause and releases quota and fingerprint: $what',
    async ({ code, render, resolver }) => {
      await Promise.all([installation.render.start(render), installation.resolver.start(resolver)]);
      const job = await installation.request();
      // An identical request returns the job while it runs.
      expect((await installation.request()).id).toBe(job.id);
      const ended = await installation.ended(job.id);
      expect(ended).toMatchObject({ status: 'failed', failure: { code }, held_bytes: 0 });
      expect(ended.active_key).toBeUndefined();
      expect(await installation.emails(job)).toBe(1);

      await stop();
      await Promise.all([installation.render.start(), installation.resolver.start()]);
      const again = await installation.request();
      expect(again.id).not.toBe(job.id);
      expect(await installation.ended(again.id)).toMatchObject({ status: 'completed' });
    },
    180_000,
  );
});
