import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@waybill/testbed';
import type { CrashPoint } from './testing/crash-point.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { expectOneFile, objectsOf, uploadsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Real processes, killed (SIGKILL) or paused beyond their session (SIGSTOP) at the most critical steps. */

/** The minimum that brokers and S3 allow. A killed member is removed early, and the second part starts early. */
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

describe('a killed render', () => {
  it.each<CrashPoint & { readonly epoch: number; readonly left: number }>([
    // The file starts again. No pointer names the first upload, so the sweeper removes it.
    { moment: 'batch written', times: midPart, epoch: 2, left: 1 },
    { moment: 'file complete', epoch: 2, left: 1 },
    // The job is closed, but its event is not published yet.
    { moment: 'pointer set', epoch: 1, left: 0 },
  ])(
    'is replaced by a render that makes one complete file (killed at "$moment")',
    async ({ epoch, left, ...crash }) => {
      await using killed = await startProcess('render', installation, { settings, crash });
      const job = await installation.request({ company: 'crashes' });
      await killed.killed(60_000);
      expect(installation.events.endsOf(job)).toEqual([]);

      await using successor = await startProcess('render', installation, { settings });
      const ended = await installation.events.ended(job);

      await expectOneFile(installation, ended, contacts);
      expect(ended.file?.key).toContain(`/${job}/${epoch}/`);
      const keys = [...(await objectsOf(installation, job)), ...(await uploadsOf(installation, job))];
      expect(keys.filter((key) => key !== ended.file?.key)).toHaveLength(left);
      expect(successor.pid).not.toBe(killed.pid);
    },
    limitMs,
  );
});

describe('a render that was paused beyond its session time-out', () => {
  it.each<CrashPoint>([
    { moment: 'batch written', times: midPart, signal: 'SIGSTOP' },
    { moment: 'file complete', signal: 'SIGSTOP' },
  ])(
    'changes nothing and removes its own file when it continues (paused at "$moment")',
    async (crash) => {
      await using paused = await startProcess('render', installation, { settings, crash });
      const job = await installation.request({ company: 'crashes' });
      await paused.paused(60_000);

      await using successor = await startProcess('render', installation, { settings });
      const ended = await installation.events.ended(job);
      paused.signal('SIGCONT');

      await waitFor(
        async () => {
          const objects = await objectsOf(installation, job);
          return objects.length === 1 && (await uploadsOf(installation, job)).length === 0;
        },
        { limitMs: 60_000, what: 'the paused render to remove its file' },
      );
      await expectOneFile(installation, ended, contacts);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(ended.file?.key).toContain(`/${job}/2/`);
      expect(successor.pid).not.toBe(paused.pid);
    },
    limitMs,
  );
});
