import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, newestFirst, storedKeys } from './testing/file.ts';
import { openInstallation, type Installation } from './testing/installation.ts';
import { objectsOf, uploadsOf } from './testing/one-file.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

let installation: Installation;
let services: readonly ServiceProcess[];

beforeAll(async () => {
  installation = await openInstallation();
  services = await Promise.all([
    startProcess('resolver', installation, { settings: { BATCH_TARGET_BYTES: '100000' } }),
    startProcess('render', installation),
  ]);
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await installation[Symbol.asyncDispose]();
});

async function expectAllContacts(
  jobs: readonly { readonly job: string; readonly company: string }[],
): Promise<void> {
  for (const { job, company } of jobs) {
    const ended = await installation.events.ended(job, { limitMs: 90_000 });
    expect((await download(installation, ended)).ids, company).toEqual(
      await newestFirst(installation, company),
    );
  }
}

describe('many exports at the same time', () => {
  it('each have every contact in order, with five exports of one company', async () => {
    await installation.seed('one', 1_500);
    const jobs = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => ({
        company: 'one',
        job: await installation.request({
          company: 'one',
          spec: { format: index % 2 === 0 ? 'csv' : 'xlsx' },
        }),
      })),
    );
    await expectAllContacts(jobs);
  }, 120_000);

  it('each have every contact in order, with twenty exports of ten companies', async () => {
    const companies = Array.from({ length: 10 }, (_, index) => `many-${index}`);
    for (const [index, company] of companies.entries()) await installation.seed(company, 200 + 100 * index);
    const jobs = await Promise.all(
      [...companies, ...companies].map(async (company) => ({
        company,
        job: await installation.request({ company }),
      })),
    );
    await expectAllContacts(jobs);
  }, 180_000);

  it('leave no open upload', async () => {
    expect((await storedKeys(installation)).uploads).toEqual([]);
  });
});

describe('a cancellation', () => {
  beforeAll(async () => installation.seed('large', 40_000), 120_000);

  it.each([
    ['the list is frozen', 'resolving'],
    ['the file is made', 'rendering'],
  ] as const)('ends the job and leaves no file while %s', async (_, phase) => {
    const job = await installation.request({ company: 'large' });
    await waitFor(() => installation.events.progressOf(job).some((one) => one.phase === phase), {
      limitMs: 30_000,
      everyMs: 5,
      what: `the phase ${phase}`,
    });
    await installation.cancel(job);
    const ended = await installation.events.ended(job);

    expect(ended).toMatchObject({ outcome: 'CANCELLED', file: null, receipt: null, failure: null });
    expect((await installation.events.activitiesOf(job)).map(({ name }) => name)).toEqual([
      'cdp_export_cancelled',
    ]);
    await waitFor(
      async () =>
        [...(await objectsOf(installation, job)), ...(await uploadsOf(installation, job))].length === 0,
      { limitMs: 5_000, what: 'the file to be removed' },
    );
  });
});

describe('a permission that is revoked after the contacts were read', () => {
  it('fails the job, so that its file never becomes visible', async () => {
    await installation.seed('late', 500);
    await services[1]?.stop();
    const job = await installation.request({ company: 'late' });
    await waitFor(() => installation.events.batchesOf(job).some(({ kind }) => kind === 'end'), {
      limitMs: 30_000,
      what: 'the contacts to be read',
    });
    await installation.permit('late', []);
    await using render = await startProcess('render', installation);
    expect(await installation.events.ended(job)).toMatchObject({
      outcome: 'FAILED',
      failure: { code: 'FORBIDDEN' },
      file: null,
    });
    expect(await objectsOf(installation, job)).toEqual([]);
    expect(render.pid).not.toBe(services[1]?.pid);
  });
});
