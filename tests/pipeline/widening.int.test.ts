import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInstallation, type Installation } from './testing/installation.ts';
import { expectOneFile } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Topics that get more partitions while jobs run: docs/runbooks/widen-topics.md. */

const contacts = 2_000;
const settings = { KAFKA_SESSION_TIMEOUT_MS: '6000', BATCH_TARGET_BYTES: '16384' };
const count = 8;
let installation: Installation;
let render: ServiceProcess;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('widening', contacts);
  render = await startProcess('render', installation, { settings });
});

afterAll(async () => {
  await render.stop();
  await installation[Symbol.asyncDispose]();
});

/** Returns the partitions that the messages of each job are on. */
async function partitionsOf(topic: string, jobs: readonly string[]): Promise<readonly (readonly number[])[]> {
  const stored = await installation.raw.read(topic);
  return jobs.map((job) => [
    ...new Set(stored.filter(({ key }) => key === job).map(({ partition }) => partition)),
  ]);
}

const requestJobs = () =>
  Promise.all(Array.from({ length: count }, () => installation.request({ company: 'widening' })));

describe('topics that are widened while jobs run', () => {
  let jobs: readonly string[] = [];

  it('keep each running job on its partition, so that every job gets one file with all its contacts', async () => {
    // A job has many more batches, so it dies in the middle of the jobs of all partitions.
    const crash = { moment: 'batch produced', times: 40 };
    await using killed = await startProcess('resolver', installation, { settings, crash });
    jobs = await requestJobs();
    await killed.killed(60_000);
    expect(jobs.some((job) => installation.events.endsOf(job).length === 0)).toBe(true);

    await installation.widenTopics(13);
    await using resolver = await startProcess('resolver', installation, { settings });
    for (const job of jobs) {
      await expectOneFile(installation, await installation.events.ended(job, { limitMs: 90_000 }), contacts);
    }
    for (const partitions of await partitionsOf('export.batches', jobs)) expect(partitions).toHaveLength(1);
    expect(resolver.pid).not.toBe(killed.pid);
  }, 240_000);

  it('get later jobs on their new partitions too, once the services were restarted', async () => {
    await render.stop();
    render = await startProcess('render', installation, { settings });
    await using resolver = await startProcess('resolver', installation, { settings });
    const later = await requestJobs();
    for (const job of later) {
      await expectOneFile(installation, await installation.events.ended(job, { limitMs: 90_000 }), contacts);
    }
    const requested = await partitionsOf('export.requested', later);
    expect(await partitionsOf('export.batches', later)).toEqual(requested);
    expect(Math.max(...requested.flat())).toBeGreaterThan(5);
    expect(resolver.pid).not.toBe(render.pid);
  }, 240_000);

  it('answer a repeated request of an earlier job on the partition of that job', async () => {
    await using resolver = await startProcess('resolver', installation, { settings });
    const before = await partitionsOf('export.batches', jobs);
    const repeat = { count: 1, action: 'answer', since: Date.now() } as const;
    for (const jobId of jobs) await installation.request({ company: 'widening', jobId, repeat });
    for (const job of jobs) {
      await waitFor(() => installation.events.endsOf(job).length > 1, {
        limitMs: 60_000,
        what: `the second end of ${job}`,
      });
      const [first, second] = installation.events.endsOf(job);
      expect([second?.id, second?.event]).toEqual([first?.id, first?.event]);
    }
    expect(await partitionsOf('export.batches', jobs)).toEqual(before);
    // The repeat was sent to another partition, which shows that it was forwarded.
    const requested = await partitionsOf('export.requested', jobs);
    expect(requested.some((partitions) => partitions.length > 1)).toBe(true);
    expect(resolver.pid).not.toBe(render.pid);
  }, 240_000);
});
