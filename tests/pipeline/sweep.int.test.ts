import { startServer, waitFor } from '@waybill/testbed';
import { createStorage } from '@waybill/object-storage';
import { silentLogger } from '@waybill/observability';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openInstallation } from './testing/installation.ts';
import { startProcess } from './testing/service-process.ts';

interface LeaseDocument {
  readonly _id: string;
  readonly until: Date;
}

describe('SIGTERM in the middle of a sweep', () => {
  it('ends render cleanly while storage hangs: the group is empty and the lease is free', async () => {
    await using installation = await openInstallation();
    await using s3 = await startServer('s3');
    const own = createStorage({ ...s3.addresses.s3, logger: silentLogger() });
    await own.ensureBucket(installation.bucket);
    own.close();
    const { endpoint, accessKeyId, secretAccessKey } = s3.addresses.s3;
    await using render = await startProcess('render', installation, {
      settings: {
        S3_ENDPOINT: endpoint,
        S3_ACCESS_KEY_ID: accessKeyId,
        S3_SECRET_ACCESS_KEY: secretAccessKey,
        SWEEP_EVERY_MS: '50',
      },
    });
    const leases = installation.database('render').collection<LeaseDocument>('leases');
    await s3.signal('SIGSTOP');
    // A sweep that answers takes the lease again every 50 ms; one that hangs extends it every 1.7 s.
    let [until, since] = [0, performance.now()];
    const hangs = async () => {
      const current = (await leases.findOne({ _id: 'sweep' }))?.until.getTime() ?? 0;
      if (current !== until) [until, since] = [current, performance.now()];
      return performance.now() - since > 1_000;
    };
    await waitFor(hangs, { limitMs: 30_000, what: 'a sweep that hangs' });
    await render.stop();
    await s3.signal('SIGCONT');

    const log = await readFile(render.log, 'utf8');
    expect(log).toContain('"sweep aborted"');
    expect(log).toContain('"service stopped"');
    for (const group of ['waybill.render', 'waybill.render.bulk']) {
      expect(await installation.raw.members(group)).toBe(0);
    }
    expect(await leases.countDocuments({})).toBe(0);
  }, 90_000);
});
