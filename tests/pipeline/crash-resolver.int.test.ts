import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fate } from './testing/fate.ts';
import { newestFirst } from './testing/file.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { expectOneFile, objectsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Real processes, killed (SIGKILL) or paused beyond their session (SIGSTOP) where a crash could do the most harm. */

/** The least that brokers allow, so that a killed member is soon removed. */
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

describe('a resolver that is killed', () => {
  it.each<Fate>([
    { moment: 'frozen' },
    { moment: 'plan produced' },
    { moment: 'batch stored', times: 3 },
    { moment: 'batch produced', times: 3 },
    { moment: 'end stored' },
    { moment: 'end produced' },
  ])(
    'at "$moment" leaves one complete file to its successor',
    async (fate) => {
      await using victim = await startProcess('resolver', installation, { settings, fate });
      const job = await installation.request({ company: 'crashes' });
      await victim.killed(30_000);

      await using successor = await startProcess('resolver', installation, { settings });
      const ended = await installation.events.ended(job);

      await expectOneFile(installation, ended, contacts);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(successor.pid).not.toBe(victim.pid);
    },
    limitMs,
  );

  it(
    'after the freeze leaves the frozen selection: contacts that are deleted then are counted as skipped',
    async () => {
      await using victim = await startProcess('resolver', installation, {
        settings,
        fate: { moment: 'frozen' },
      });
      const job = await installation.request({ company: 'crashes' });
      await victim.killed(30_000);
      const gone = (await newestFirst(installation, 'crashes')).filter((_, index) => index % 2_000 === 0);
      const collection = installation.database('crm').collection<{ _id: string }>('contacts');
      const kept = await collection.find({ _id: { $in: [...gone] } }).toArray();
      await collection.deleteMany({ _id: { $in: [...gone] } });

      await using successor = await startProcess('resolver', installation, { settings });
      const ended = await installation.events.ended(job);

      await expectOneFile(installation, ended, contacts);
      expect(ended.receipt).toMatchObject({ skipped: gone.length });
      await collection.insertMany(kept);
      expect(successor.pid).not.toBe(victim.pid);
    },
    limitMs,
  );
});

describe('a resolver that was paused beyond its session and wakes up', () => {
  it.each<Fate>([
    { moment: 'batch stored', times: 3, signal: 'SIGSTOP' },
    { moment: 'end stored', signal: 'SIGSTOP' },
  ])(
    'at "$moment" changes nothing',
    async (fate) => {
      await using zombie = await startProcess('resolver', installation, { settings, fate });
      const job = await installation.request({ company: 'crashes' });
      await zombie.paused(30_000);

      await using successor = await startProcess('resolver', installation, { settings });
      const ended = await installation.events.ended(job);
      zombie.signal('SIGCONT');
      // Another job goes through both, so that the zombie's late message was read and had its chance.
      await installation.events.ended(await installation.request({ company: 'crashes' }));

      await expectOneFile(installation, ended, contacts);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(successor.pid).not.toBe(zombie.pid);
    },
    limitMs,
  );
});
