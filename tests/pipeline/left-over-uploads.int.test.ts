import { randomBytes } from 'node:crypto';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handmadeStream, type HandmadeStream } from './testing/handmade.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { objectsOf, uploadsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Jobs that end without a file after a part of it was stored, so that there is an upload to abort. */

const mib = 1_048_576;
let installation: Installation;
let render: ServiceProcess;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('acme', 1);
  render = await startProcess('render', installation, { settings: { UPLOAD_PART_BYTES: String(5 * mib) } });
});

afterAll(async () => {
  await render.stop();
  await installation[Symbol.asyncDispose]();
});

async function streamOf(job: string, stream = 0): Promise<HandmadeStream> {
  const { spec } = await installation.describe(job, { company: 'acme', spec: { fields: ['id'] } });
  return handmadeStream(installation, job, { company: 'acme', spec, stream });
}

/** Sends a plan and six batches of 1 MiB of text that does not shrink; batch 7 is the next. */
async function sendPart(stream: HandmadeStream): Promise<void> {
  await stream.plan(1_000);
  for (let number = 1; number <= 6; number += 1) {
    const ids = Array.from({ length: 64 }, () => randomBytes(mib / 128).toString('hex'));
    await stream.rows(number, (number - 1) * ids.length, ids);
  }
}

const failure = { code: 'FORBIDDEN', detail: 'no', params: {} };

describe('the upload of a file in progress', () => {
  it.each<readonly [string, number, (stream: HandmadeStream) => Promise<void>]>([
    [
      'a batch cannot be read',
      0,
      ({ job }) =>
        installation.raw.send('export.batches', {
          key: job,
          value: 'no Avro',
          headers: { ce_companyid: 'acme', ce_attempt: '1', ce_id: 'x', ce_type: 'export.batches' },
        }),
    ],
    ['a batch is missing', 1, (stream) => stream.rows(9, 512, ['a'])],
    ['the resolver fails', 0, (stream) => stream.end(7, { outcome: 'failed', total: 1_000, failure })],
    ['the job is cancelled', 0, ({ job }) => installation.cancel(job)],
  ])(
    'is aborted when %s',
    async (_, number, endJob) => {
      const [job = '', next = ''] = await installation.jobsOnOnePartition(2);
      const stream = await streamOf(job, number);
      await sendPart(stream);
      await waitFor(async () => (await uploadsOf(installation, job)).length === 1, {
        limitMs: 60_000,
        what: 'the first part to be stored',
      });
      await endJob(stream);
      expect((await installation.events.ended(job)).outcome).not.toBe('SUCCEEDED');

      // A later job of the partition has ended, so the work on this one has.
      await (await streamOf(next)).end(0, { outcome: 'failed', total: 0, failure });
      await installation.events.ended(next);
      expect(await uploadsOf(installation, job)).toEqual([]);
      expect(await objectsOf(installation, job)).toEqual([]);
    },
    120_000,
  );
});
