import type { ExportCompleted } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';
import { expect } from 'vitest';
import { download, newestFirst, storedKeys } from './file.ts';
import type { Installation } from './installation.ts';

/** Checks a successful job, also after processes were killed or paused: one complete file and one end. */
export async function expectOneFile(
  installation: Installation,
  ended: ExportCompleted,
  frozen: number,
): Promise<void> {
  const { job_id: job, company_id: company } = ended;
  const file = await download(installation, ended);
  expect(file.ids).toEqual(await newestFirst(installation, company));
  expect(ended.receipt).toMatchObject({
    matched: frozen,
    written: file.ids.length,
    skipped: frozen - file.ids.length,
    sha256: file.sha256,
    bytes: file.bytes.length,
  });
  await untilPublished(installation, job);
  // The end may be published more than once, but always with the same content.
  for (const { id, event } of installation.events.endsOf(job)) {
    expect(id).toBe(installation.events.endsOf(job)[0]?.id);
    expect(event).toEqual(ended);
  }
}

async function untilPublished(installation: Installation, job: string): Promise<void> {
  const jobs = installation.database('render').collection<{ _id: string; outbox_pending: boolean }>('jobs');
  await waitFor(async () => (await jobs.findOne({ _id: job }))?.outbox_pending === false, {
    limitMs: 20_000,
    what: 'the outbox to be empty',
  });
}

/** Returns the keys of a job's objects. */
export async function objectsOf(installation: Installation, job: string): Promise<readonly string[]> {
  return (await storedKeys(installation)).objects.filter((key) => key.includes(job));
}

/** Returns the keys of a job's open uploads. */
export async function uploadsOf(installation: Installation, job: string): Promise<readonly string[]> {
  return (await storedKeys(installation)).uploads.filter((key) => key.includes(job));
}
