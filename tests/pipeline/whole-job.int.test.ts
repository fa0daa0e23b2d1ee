import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, newestFirst, skippedIds, storedKeys } from './testing/file.ts';
import { fields, openInstallation, type Installation } from './testing/installation.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

let installation: Installation;
let services: readonly ServiceProcess[];

beforeAll(async () => {
  installation = await openInstallation();
  services = await Promise.all([
    startProcess('resolver', installation, {
      settings: { FREEZE_PAGE_IDS: '700', BATCH_TARGET_BYTES: '65536' },
    }),
    startProcess('render', installation),
  ]);
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await installation[Symbol.asyncDispose]();
});

describe('a job of resolver and render', () => {
  it.each(['csv', 'xlsx'] as const)(
    'has every contact of the company in order, as %s, with a receipt that matches the file',
    async (format) => {
      const company = `whole-${format}`;
      await installation.seed(company, 3_000);

      const job = await installation.request({ company, spec: { format, csv: null } });
      const ended = await installation.events.ended(job);

      const file = await download(installation, ended);
      expect(file.ids).toEqual(await newestFirst(installation, company));
      expect(ended).toMatchObject({ outcome: 'SUCCEEDED', failure: null });
      expect(ended.receipt).toMatchObject({
        matched: 3_000,
        written: 3_000,
        skipped: 0,
        sha256: file.sha256,
        bytes: file.bytes.length,
        fields,
        format,
        attempt: 1,
      });
      expect(await installation.storage.head(ended.file ?? { bucket: '', key: '' })).toMatchObject({
        bytes: file.bytes.length,
        contentType: ended.file?.content_type,
        metadata: { 'job-id': job, epoch: '1' },
      });
      expect((await installation.events.activitiesOf(job)).map(({ name }) => name)).toEqual([
        'cdp_export_completed',
      ]);
      const phases = new Set(installation.events.progressOf(job).map(({ phase }) => phase));
      expect([...phases]).toEqual(expect.arrayContaining(['resolving', 'rendering', 'uploading']));
    },
  );

  it('has the chosen ids in their order, and counts unknown ids and those of another company as skipped', async () => {
    await installation.seed('chosen', 50);
    await installation.seed('neighbour', 5);
    const own = await newestFirst(installation, 'chosen');
    const foreign = await newestFirst(installation, 'neighbour');
    const chosen = [own[7], own[3], foreign[0], 'no-such-contact', own[30]].map(String);

    const ended = await installation.events.ended(
      await installation.request({ company: 'chosen', ids: chosen }),
    );

    expect((await download(installation, ended)).ids).toEqual([own[7], own[3], own[30]]);
    expect(ended.receipt).toMatchObject({ matched: 5, written: 3, skipped: 2 });
    expect(await skippedIds(installation, ended)).toEqual([foreign[0], 'no-such-contact']);
  });

  it('leaves nothing in the object storage but its file and the list of skipped contacts', async () => {
    const { objects, uploads } = await storedKeys(installation);
    expect(uploads).toEqual([]);
    expect(objects.filter((key) => !key.endsWith('.skipped'))).toHaveLength(3);
    expect(objects).toHaveLength(4);
  });
});
