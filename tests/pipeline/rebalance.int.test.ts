import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download } from './testing/file.ts';
import { handmadeStream, type HandmadeStream } from './testing/handmade.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { objectsOf, uploadsOf } from './testing/one-file.ts';
import { startProcess } from './testing/service-process.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('acme', 1);
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
});

describe('a second render', () => {
  it('restarts the files of the partitions that it gets, and the first render continues with the others', async () => {
    await using first = await startProcess('render', installation);
    const streams = await Promise.all(Array.from({ length: 12 }, (_, index) => streamOf(index)));
    for (const stream of streams) {
      await stream.plan(4);
      await stream.rows(1, 0, ['a', 'b']);
    }
    const jobs = installation.database('render').collection<{ _id: string; epoch: number }>('jobs');
    const started = ({ job }: HandmadeStream) => installation.events.progressOf(job).length > 0;
    await waitFor(() => streams.every(started), { limitMs: 30_000, what: 'every file to be started' });

    await using second = await startProcess('render', installation);
    for (const stream of streams) {
      await stream.rows(2, 2, ['c', 'd']);
      await stream.end(3, { outcome: 'resolved', total: 4, failure: null });
    }

    const epochs: (number | undefined)[] = [];
    for (const { job } of streams) {
      const ended = await installation.events.ended(job);
      expect((await download(installation, ended)).ids).toEqual(['a', 'b', 'c', 'd']);
      expect(await objectsOf(installation, job)).toEqual([ended.file?.key]);
      expect(await uploadsOf(installation, job)).toEqual([]);
      epochs.push((await jobs.findOne({ _id: job }))?.epoch);
    }
    // Files that the first render kept have epoch 1, those that the second one took over have epoch 2.
    expect(epochs).toContain(1);
    expect(epochs).toContain(2);
    expect(Math.max(...epochs.map(Number))).toBe(2);
    expect(first.pid).not.toBe(second.pid);
  }, 120_000);
});

async function streamOf(index: number): Promise<HandmadeStream> {
  // Random ids are spread over all partitions.
  const job = crypto.randomUUID();
  const request = { company: 'acme', spec: { fields: ['id'], layout_name: `Layout ${index}` } };
  const { spec: described } = await installation.describe(job, request);
  return handmadeStream(installation, job, { company: 'acme', spec: described });
}
