import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@waybill/testbed';
import { download } from './testing/file.ts';
import { handmadeStream, type HandmadeStream } from './testing/handmade.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { objectsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Streams that a resolver never sends. Render ends only the job of such a stream, with a reason. */

let installation: Installation;
let render: ServiceProcess;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('acme', 1);
  render = await startProcess('render', installation, {
    settings: { STALL_MS: '3000', WATCH_EVERY_MS: '100', IDLE_MS: '300', HELD_BYTES: '1048576' },
  });
});

afterAll(async () => {
  await render.stop();
  await installation[Symbol.asyncDispose]();
});

async function streamOf(
  job: string,
  { attempt = 1, stream = 0, at = Date.now() }: { attempt?: number; stream?: number; at?: number } = {},
): Promise<HandmadeStream> {
  const request = { company: 'acme', attempt, spec: { fields: ['id'] } };
  const { spec: described } = await installation.describe(job, request);
  return handmadeStream(installation, job, { company: 'acme', spec: described, attempt, stream, at });
}

/** Waits until render asks for the batches of a job again. */
async function reportedLost(job: string): Promise<void> {
  await waitFor(() => installation.events.progressOf(job).some((progress) => progress.batches_lost), {
    limitMs: 20_000,
    what: 'the report of lost batches',
  });
}

const resolved = (total: number) => ({ outcome: 'resolved', total, failure: null }) as const;

/** Completes a small job, which shows that the partition is not blocked. */
async function expectCompleted(job: string): Promise<void> {
  const stream = await streamOf(job);
  await stream.plan(2);
  await stream.rows(1, 0, ['a', 'b']);
  await stream.end(2, resolved(2));
  const ended = await installation.events.ended(job);
  expect((await download(installation, ended)).ids).toEqual(['a', 'b']);
}

describe('a batch that cannot be read', () => {
  it('fails only its own job if its bytes are not an event, and the next job on the partition gets its file', async () => {
    const [poisoned = '', next = ''] = await installation.jobsOnOnePartition(2);
    const stream = await streamOf(poisoned);
    await stream.plan(2);
    const headers = { ce_companyid: 'acme', ce_attempt: '1', ce_id: 'x', ce_type: 'export.batches' };
    await installation.raw.send('export.batches', { key: poisoned, value: 'no Avro', headers });

    const ended = await installation.events.ended(poisoned);
    expect(ended).toMatchObject({
      outcome: 'FAILED',
      failure: { code: 'EXPORT_BATCH_UNREADABLE' },
      file: null,
    });
    expect(ended.spec?.layout_name).toBe('Default view');
    expect((await installation.events.activitiesOf(poisoned)).map(({ name }) => name)).toEqual([
      'cdp_export_failed',
    ]);
    const letters = await installation.raw.read('render.dlq');
    expect(letters.map(({ key, value }) => [key, value?.toString()])).toContainEqual([poisoned, 'no Avro']);

    await expectCompleted(next);
    expect(await objectsOf(installation, poisoned)).toEqual([]);
  });

  it('fails its job if its payload was sealed for another position in the stream', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job);
    await stream.plan(2);
    // Sealed as number 2, sent as number 1.
    await stream.rows(2, 0, ['a', 'b'], { number: 1 });
    const ended = await installation.events.ended(job);
    expect(ended).toMatchObject({ outcome: 'FAILED', failure: { code: 'EXPORT_BATCH_UNREADABLE' } });
  });

  it('fails its job if its payload has another number of rows than it declares', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job);
    await stream.plan(3);
    await stream.rows(1, 0, ['a', 'b'], { rows: 3, to: 3 });
    expect((await installation.events.ended(job)).failure?.code).toBe('EXPORT_BATCH_UNREADABLE');
  });
});

describe('a stream with a gap', () => {
  it('is read once more, then asked for again, and completes from its next stream, while other jobs go on', async () => {
    const [job = '', next = ''] = await installation.jobsOnOnePartition(2);
    const stream = await streamOf(job);
    await stream.plan(4);
    await stream.rows(1, 0, ['a']);
    await stream.rows(3, 2, ['c', 'd']);
    await reportedLost(job);
    await expectCompleted(next);
    expect(installation.events.endsOf(job)).toEqual([]);

    const again = await streamOf(job, { stream: 1 });
    await again.plan(2);
    // A late message of the first stream fits by its number and its position.
    await stream.rows(1, 0, ['late']);
    await again.rows(1, 0, ['e', 'f']);
    await again.end(2, resolved(2));
    const ended = await installation.events.ended(job);
    expect((await download(installation, ended)).ids).toEqual(['e', 'f']);
    expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
  });

  it('is asked for again when the plan itself is missing', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job);
    await stream.rows(1, 0, ['a']);
    await reportedLost(job);
    expect(installation.events.endsOf(job)).toEqual([]);
  });

  it('fails its job when it was produced again before', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job, { stream: 1 });
    await stream.plan(4);
    await stream.rows(2, 2, ['c', 'd']);
    const ended = await installation.events.ended(job);
    expect(ended).toMatchObject({ outcome: 'FAILED', failure: { code: 'EXPORT_BATCH_UNREADABLE' } });
  });
});

describe('repeated messages', () => {
  it('change nothing, before and after the end', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job);
    await stream.plan(3);
    await stream.rows(1, 0, ['a', 'b']);
    await stream.plan(3);
    await stream.rows(1, 0, ['other', 'values']);
    await stream.rows(2, 2, ['c']);
    await stream.end(3, resolved(3));
    await stream.end(3, resolved(3));
    await stream.rows(2, 2, ['late']);
    const ended = await installation.events.ended(job);
    expect((await download(installation, ended)).ids).toEqual(['a', 'b', 'c']);
    await expectCompleted((await installation.jobsOnOnePartition(1))[0] ?? '');
    expect(installation.events.endsOf(job)).toHaveLength(1);
  });
});

describe('a repeated end', () => {
  it('publishes the same export.completed of a job that has ended again', async () => {
    const [job = '', failing = ''] = await installation.jobsOnOnePartition(2);
    const stream = await streamOf(job);
    await stream.plan(1);
    await stream.rows(1, 0, ['a']);
    await stream.end(2, resolved(1));
    const failure = { code: 'FORBIDDEN', detail: 'no', params: {} };
    const other = await streamOf(failing);
    await other.end(0, { outcome: 'failed', total: 0, failure });
    await installation.events.ended(job);
    await installation.events.ended(failing);

    await stream.end(2, resolved(1), true);
    await other.end(0, { outcome: 'failed', total: 0, failure }, true);
    for (const one of [job, failing]) {
      await waitFor(() => installation.events.endsOf(one).length === 2, {
        limitMs: 20_000,
        what: `the second end of ${one}`,
      });
      const [first, second] = installation.events.endsOf(one);
      expect([second?.id, second?.event]).toEqual([first?.id, first?.event]);
    }
  });
});

describe('messages older than the records of jobs', () => {
  it('start no file, because their job may have ended already', async () => {
    const [old = '', next = ''] = await installation.jobsOnOnePartition(2);
    const stream = await streamOf(old, { at: Date.now() - 23 * 86_400_000 });
    await stream.plan(2);
    await stream.rows(1, 0, ['a', 'b']);
    await stream.end(2, resolved(2));
    // A later job of the partition is complete, so all messages before it were read.
    await expectCompleted(next);
    expect(installation.events.endsOf(old)).toEqual([]);
    expect(await objectsOf(installation, old)).toEqual([]);
  });
});

describe('an idle job', () => {
  it('is evicted when files use too much memory, and is read again when its next batch arrives', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job);
    const before = await metric('waybill_render_evictions_total');
    await stream.plan(4);
    await stream.rows(1, 0, ['a', 'b']);
    const jobs = installation.database('render').collection<{ _id: string; epoch: number }>('jobs');
    await waitFor(async () => (await metric('waybill_render_evictions_total')) > before, {
      limitMs: 10_000,
      what: 'the job to be evicted',
    });
    await stream.rows(2, 2, ['c', 'd']);
    await stream.end(3, resolved(4));
    const ended = await installation.events.ended(job);
    expect((await download(installation, ended)).ids).toEqual(['a', 'b', 'c', 'd']);
    expect((await jobs.findOne({ _id: job }))?.epoch).toBeGreaterThan(1);
  });

  it('is asked for again when no batch comes, and lets its offsets go with the next message', async () => {
    const [job = '', next = ''] = await installation.jobsOnOnePartition(2);
    const stream = await streamOf(job);
    await stream.plan(4);
    await stream.rows(1, 0, ['a']);
    await reportedLost(job);
    await expectCompleted(next);
    const partition =
      (await installation.raw.read('export.batches')).find(({ key }) => key === job)?.partition ?? -1;
    const end = (await installation.raw.ends('export.batches')).get(partition);
    await waitFor(
      async () => (await installation.raw.committed('waybill.render', 'export.batches', partition)) === end,
      {
        limitMs: 10_000,
        what: 'everything on the partition to be committed',
      },
    );
  });

  it('is cancelled while it waits', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const stream = await streamOf(job);
    await stream.plan(4);
    await stream.rows(1, 0, ['a']);
    await waitFor(() => installation.events.progressOf(job).length > 0, {
      limitMs: 10_000,
      what: 'the job to start',
    });
    await installation.cancel(job);
    const ended = await installation.events.ended(job);
    expect(ended).toMatchObject({ outcome: 'CANCELLED', failure: null, file: null });
    expect(await objectsOf(installation, job)).toEqual([]);
  });
});

describe('a new attempt', () => {
  it('keeps the id of the failed job and ignores messages of the older attempt', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const first = await streamOf(job);
    await first.plan(2);
    await first.end(1, {
      outcome: 'failed',
      total: 2,
      failure: { code: 'FORBIDDEN', detail: 'no', params: {} },
    });
    expect(await installation.events.ended(job)).toMatchObject({
      outcome: 'FAILED',
      failure: { code: 'FORBIDDEN' },
    });

    const second = await streamOf(job, { attempt: 2 });
    await second.plan(1);
    await first.rows(1, 0, ['old']);
    await second.rows(1, 0, ['new']);
    await first.end(2, resolved(1));
    await second.end(2, resolved(1));
    const ended = await installation.events.ended(job, { attempt: 2 });
    expect((await download(installation, ended)).ids).toEqual(['new']);
    expect(ended.receipt?.attempt).toBe(2);
    const ids = installation.events.endsOf(job).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${render.operatorPort}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}
