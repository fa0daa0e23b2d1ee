import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, newestFirst, storedKeys } from './testing/file.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

const settings = { KAFKA_SESSION_TIMEOUT_MS: '6000' };
const jobsAtOnce = 18;

let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('shared', 2_500);
  await installation.seed('bulk', 40_000);
  await installation.seed('small', 1_000);
}, 180_000);

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
});

/** Jobs that an instance has closed. */
async function closedBy(render: ServiceProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${render.port}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('waybill_render_jobs_total'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a backlog of jobs', () => {
  it('is shared by one, two and four renders, one of which is killed in the middle', async () => {
    const resolver = await startProcess('resolver', installation);
    const jobs = await Promise.all(
      Array.from({ length: jobsAtOnce }, () => installation.request({ company: 'shared' })),
    );
    const resolved = (job: string) => installation.events.batchesOf(job).some(({ kind }) => kind === 'end');
    await waitFor(() => jobs.every(resolved), { limitMs: 120_000, what: 'the backlog' });
    await resolver.stop();

    await using first = await startProcess('render', installation, { settings });
    const victim = await startProcess('render', installation, {
      settings,
      fate: { moment: 'batch written', times: 3 },
      untilReady: false,
    });
    await using third = await startProcess('render', installation, { settings, untilReady: false });
    await using fourth = await startProcess('render', installation, { settings, untilReady: false });

    const order = await newestFirst(installation, 'shared');
    for (const job of jobs) {
      const ended = await installation.events.ended(job, { limitMs: 120_000 });
      expect((await download(installation, ended)).ids).toEqual(order);
      expect(new Set(installation.events.endsOf(job).map(({ id }) => id)).size).toBe(1);
    }
    const pointed = (await storedKeys(installation)).objects;
    expect(new Set(pointed.map((key) => key.split('/')[3])).size).toBe(jobsAtOnce);
    await victim.stop();
    const closed = await Promise.all([first, third, fourth].map(closedBy));
    // What the victim closed before it was killed is nobody else's.
    expect(closed.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(jobsAtOnce);
    expect(Math.max(...closed)).toBeGreaterThan(0);
  }, 300_000);
});

describe('the two lanes', () => {
  it('let a small export through while a large one is at work', async () => {
    await using resolver = await startProcess('resolver', installation);
    await using render = await startProcess('render', installation);
    const large = await installation.request({ company: 'bulk', spec: { lane: 'bulk' } });
    await waitFor(() => installation.events.progressOf(large).some(({ written }) => written > 0), {
      limitMs: 60_000,
      what: 'the large export to be rendered',
    });
    const small = await installation.request({ company: 'small' });
    const first = await installation.events.ended(small);
    expect(installation.events.endsOf(large)).toEqual([]);
    const second = await installation.events.ended(large, { limitMs: 120_000 });
    expect(first.receipt).toMatchObject({ written: 1_000 });
    expect(second.receipt).toMatchObject({ written: 40_000 });
    expect(second.spec?.lane).toBe('bulk');
    expect(resolver.pid).not.toBe(render.pid);
  }, 240_000);
});
