import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@waybill/testbed';
import type { Fate } from './testing/fate.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { expectOneFile, objectsOf, uploadsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Real processes, killed (SIGKILL) or paused beyond their session (SIGSTOP) where a crash could do the most harm. */

/** The least that brokers and S3 allow: a killed member is soon removed, and the second part soon starts. */
const settings = { KAFKA_SESSION_TIMEOUT_MS: '6000', UPLOAD_PART_BYTES: '5242880' };
/** About 10 MB of CSV in some 30 batches. */
const contacts = 24_000;
/** By this batch the first part of the upload is in storage. */
const midPart = 24;
const limitMs = 120_000;

let installation: Installation;
let resolver: ServiceProcess;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('crashes', contacts);
  resolver = await startProcess('resolver', installation);
});

afterAll(async () => {
  await resolver.stop();
  await installation[Symbol.asyncDispose]();
});

describe('a render that is killed', () => {
  it.each<Fate & { readonly epoch: number; readonly left: number }>([
    // The file starts again. No pointer names what the first one uploaded: the sweeper removes it.
    { moment: 'batch written', times: midPart, epoch: 2, left: 1 },
    { moment: 'file complete', epoch: 2, left: 1 },
    // The job is closed: only its event is still to be published.
    { moment: 'pointer set', epoch: 1, left: 0 },
  ])(
    'at "$moment" leaves one complete file to its successor',
    async ({ epoch, left, ...fate }) => {
      await using victim = await startProcess('render', installation, { settings, fate });
      const job = await installation.request({ company: 'crashes' });
      await victim.killed(60_000);
      expect(installation.events.endsOf(job)).toEqual([]);

      await using successor = await startProcess('render', installation, { settings });
      const ended = await installation.events.ended(job);

      await expectOneFile(installation, ended, contacts);
      expect(ended.file?.key).toContain(`/${job}/${epoch}/`);
      const keys = [...(await objectsOf(installation, job)), ...(await uploadsOf(installation, job))];
      expect(keys.filter((key) => key !== ended.file?.key)).toHaveLength(left);
      expect(successor.pid).not.toBe(victim.pid);
    },
    limitMs,
  );
});

describe('a render that was paused beyond its session and wakes up', () => {
  it.each<Fate>([
    { moment: 'batch written', times: midPart, signal: 'SIGSTOP' },
    { moment: 'file complete', signal: 'SIGSTOP' },
  ])(
    'at "$moment" changes nothing, and takes its own file away',
    async (fate) => {
      await using zombie = await startProcess('render', installation, { settings, fate });
      const job = await installation.request({ company: 'crashes' });
      await zombie.paused(60_000);

      await using successor = await startProcess('render', installation, { settings });
      const ended = await installation.events.ended(job);
      zombie.signal('SIGCONT');

      await waitFor(
        async () => {
          const objects = await objectsOf(installation, job);
          return objects.length === 1 && (await uploadsOf(installation, job)).length === 0;
        },
        { limitMs: 60_000, what: 'the zombie to give its file up' },
      );
      await expectOneFile(installation, ended, contacts);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(ended.file?.key).toContain(`/${job}/2/`);
      expect(successor.pid).not.toBe(zombie.pid);
    },
    limitMs,
  );
});
