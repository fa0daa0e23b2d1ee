import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrashPoint } from './testing/crash-point.ts';
import { newestFirst, skippedIds } from './testing/file.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { expectOneFile, objectsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Real processes, killed (SIGKILL) or paused beyond their session (SIGSTOP) at the most critical steps. */

/** The minimum that brokers allow, so that a killed member is removed early. */
const settings = { KAFKA_SESSION_TIMEOUT_MS: '6000' };
const contacts = 6_000;
const limitMs = 120_000;

let installation: Installation;
let render: ServiceProcess;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('crashes', contacts);
  render = await startProcess('render', installation);
});

afterAll(async () => {
  await render.stop();
  await installation[Symbol.asyncDispose]();
});

describe('a killed resolver', () => {
  it.each<CrashPoint>([
    { moment: 'frozen' },
    { moment: 'plan produced' },
    { moment: 'batch stored', times: 3 },
    { moment: 'batch produced', times: 3 },
    { moment: 'end stored' },
    { moment: 'end produced' },
  ])(
    'is replaced by a resolver whose batches make one complete file (killed at "$moment")',
    async (crash) => {
      await using killed = await startProcess('resolver', installation, { settings, crash });
      const job = await installation.request({ company: 'crashes' });
      await killed.killed(30_000);

      await using successor = await startProcess('resolver', installation, { settings });
      const ended = await installation.events.ended(job);

      await expectOneFile(installation, ended, contacts);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(successor.pid).not.toBe(killed.pid);
    },
    limitMs,
  );

  it(
    'leaves its frozen selection, so that contacts that are deleted later are counted as skipped',
    async () => {
      await using killed = await startProcess('resolver', installation, {
        settings,
        crash: { moment: 'frozen' },
      });
      const job = await installation.request({ company: 'crashes' });
      await killed.killed(30_000);
      const deleted = (await newestFirst(installation, 'crashes')).filter((_, index) => index % 2_000 === 0);
      const collection = installation.database('crm').collection<{ _id: string }>('contacts');
      const kept = await collection.find({ _id: { $in: [...deleted] } }).toArray();
      await collection.deleteMany({ _id: { $in: [...deleted] } });

      await using successor = await startProcess('resolver', installation, { settings });
      const ended = await installation.events.ended(job);

      await expectOneFile(installation, ended, contacts);
      expect(ended.receipt).toMatchObject({ skipped: deleted.length });
      expect(await skippedIds(installation, ended)).toEqual(deleted);
      await collection.insertMany(kept);
      expect(successor.pid).not.toBe(killed.pid);
    },
    limitMs,
  );
});

describe('a resolver that was paused beyond its session time-out', () => {
  it.each<CrashPoint>([
    { moment: 'batch stored', times: 3, signal: 'SIGSTOP' },
    { moment: 'end stored', signal: 'SIGSTOP' },
  ])(
    'changes nothing when it continues (paused at "$moment")',
    async (crash) => {
      await using paused = await startProcess('resolver', installation, { settings, crash });
      const job = await installation.request({ company: 'crashes' });
      await paused.paused(30_000);

      await using successor = await startProcess('resolver', installation, { settings });
      const ended = await installation.events.ended(job);
      paused.signal('SIGCONT');
      // Another job is completed after it, so that render has read the late messages of the paused resolver.
      await installation.events.ended(await installation.request({ company: 'crashes' }));

      await expectOneFile(installation, ended, contacts);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(successor.pid).not.toBe(paused.pid);
    },
    limitMs,
  );
});
