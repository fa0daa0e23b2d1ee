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

/** Returns the number of jobs that a render has closed. */
async function closedBy(render: ServiceProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${render.operatorPort}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('waybill_render_jobs_total'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a backlog of jobs', () => {
  it('is shared by four renders, and every job has one file although one of them is killed', async () => {
    const jobs = await Promise.all(
      Array.from({ length: jobsAtOnce }, () => installation.request({ company: 'shared' })),
    );
    const killed = await startProcess('render', installation, {
      settings,
      crash: { moment: 'batch written' },
    });
    const [first, second, third] = await Promise.all([
      startProcess('render', installation, { settings }),
      startProcess('render', installation, { settings }),
      startProcess('render', installation, { settings }),
    ]);
    await using stack = new AsyncDisposableStack();
    const survivors = [first, second, third];
    for (const render of survivors) stack.use(render);
    // The renders hold their partitions before the first batch exists.
    stack.use(await startProcess('resolver', installation));
    await killed.killed(120_000);

    const order = await newestFirst(installation, 'shared');
    for (const job of jobs) {
      const ended = await installation.events.ended(job, { limitMs: 120_000 });
      expect((await download(installation, ended)).ids).toEqual(order);
      expect(new Set(installation.events.endsOf(job).map(({ id }) => id)).size).toBe(1);
    }
    const stored = (await storedKeys(installation)).objects;
    expect(new Set(stored.map((key) => key.split('/')[4])).size).toBe(jobsAtOnce);
    const closed = await Promise.all(survivors.map(closedBy));
    expect(closed.reduce((sum, count) => sum + count, 0)).toBe(jobsAtOnce);
    expect(closed.filter((count) => count > 0).length).toBeGreaterThan(1);
  }, 300_000);
});

describe('the standard lane', () => {
  it('completes a small export while the bulk lane renders a large one', async () => {
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
