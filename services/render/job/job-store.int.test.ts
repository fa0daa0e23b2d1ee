import { silentLogger } from '@waybill/observability';
import { companyId, jobId as asJobId } from '@waybill/domain';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, describe, expect, it } from 'vitest';
import { endingEntries, type Ending } from './messages.ts';
import { createJobStore, jobsOf, type Claimed } from './job-store.ts';

const store = openStore({
  url: sharedAddresses().mongo.url,
  database: uniqueName('render'),
  logger: silentLogger(),
});
const jobs = jobsOf(store);
const renders = createJobStore(jobs);
const place = { topic: 'export.batches', partition: 3 };
const now = new Date();

afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

const subject = (job: string, attempt = 1) => ({
  jobId: asJobId(job),
  companyId: companyId('acme'),
  attempt,
  stream: 0,
  spec: undefined,
});
const failed: Ending = { state: 'failed', failure: { code: 'EXPORT_FAILED', detail: '', params: {} } };
const cancelled: Ending = { state: 'cancelled' };

async function claim(
  jobId: string,
  attempt = 1,
  offset = 7n,
): Promise<Extract<Claimed, { kind: 'claimed' }>> {
  const claimed = await renders.claim(subject(jobId, attempt), { ...place, offset }, now);
  if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
  return claimed;
}

const close = (claimed: Extract<Claimed, { kind: 'claimed' }>, ending: Ending) => {
  const of = subject(claimed.claim._id, claimed.claim.attempt);
  const events = endingEntries(of, ending, now.getTime());
  return renders.close(claimed.claim, { ending, events, at: now });
};

describe('JobStore.close', () => {
  it('accepts one of a cancel and a failure at the same time, and stores one pair of events', async () => {
    for (let round = 0; round < 20; round += 1) {
      const claimed = await claim(`race-${round}`);
      const results = await Promise.all(
        [failed, cancelled, failed, cancelled].map((ending) => close(claimed, ending)),
      );
      expect(results.filter(({ won }) => won)).toHaveLength(1);
      const stored = await renders.find(asJobId(`race-${round}`));
      expect(stored?.outbox).toHaveLength(2);
      expect(stored?.outbox_pending).toBe(true);
    }
  });

  it('rejects an earlier claim and returns the stored job', async () => {
    const first = await claim('fenced');
    const second = await claim('fenced');
    expect(await close(first, failed)).toMatchObject({ won: false, stored: { state: 'open', epoch: 2 } });
    expect(await close(second, cancelled)).toEqual({ won: true });
    expect(await close(first, failed)).toMatchObject({ won: false, stored: { state: 'cancelled' } });
  });
});

describe('JobStore.claim', () => {
  it('assigns a different epoch to each of many concurrent claims', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim('raced')));
    const epochs = claims.map(({ claim: { epoch } }) => epoch).sort((a, b) => a - b);
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('stores offsets that are larger than a double can hold', async () => {
    await claim('far', 1, 9_007_199_254_740_993n);
    expect((await renders.find(asJobId('far')))?.first.offset).toBe('9007199254740993');
  });

  it('ignores an attempt that has ended, and opens the job for a newer one with its unpublished events', async () => {
    await close(await claim('again'), failed);
    expect((await renders.claim(subject('again'), { ...place, offset: 9n }, now)).kind).toBe('ignore');
    await claim('again', 2);
    const stored = await renders.find(asJobId('again'));
    expect(stored).toMatchObject({ attempt: 2, epoch: 2, state: 'open', completed_at: null });
    expect(stored?.outbox).toHaveLength(2);
    expect((await renders.claim(subject('again', 1), { ...place, offset: 9n }, now)).kind).toBe('ignore');
  });
});
