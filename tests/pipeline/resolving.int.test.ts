import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { encodedBytes, encodeRow, openPlan, openRows } from '@waybill/batch-payload';
import type { ExportBatch } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestFirst } from './testing/file.ts';
import { openInstallation, type RequestOptions, type Installation } from './testing/installation.ts';
import { startProcess, type ServiceProcess } from './testing/service-process.ts';

/** Reads the stream that a resolver publishes, without a render. */

const kib = 1024;
let installation: Installation;
let resolver: ServiceProcess;

beforeAll(async () => {
  installation = await openInstallation();
  resolver = await startProcess('resolver', installation, { settings: { FREEZE_PAGE_IDS: '900' } });
});

afterAll(async () => {
  await resolver.stop();
  await installation[Symbol.asyncDispose]();
});

async function streamOf(options: RequestOptions): Promise<readonly ExportBatch[]> {
  const job = await installation.request(options);
  await waitFor(() => installation.events.batchesOf(job).some(({ kind }) => kind === 'end'), {
    limitMs: 30_000,
    what: `the end of the batches of ${job}`,
  });
  return installation.events.batchesOf(job);
}

function opener() {
  const { KEY_ENCRYPTION_KEYS = '', KEY_ENCRYPTION_KEY_ID = '' } = installation.environment;
  return createOpener(keyEncryptionFromSettings({ KEY_ENCRYPTION_KEYS, KEY_ENCRYPTION_KEY_ID }));
}

const idOf = ({ company_id: companyId, job_id: jobId, attempt, number }: ExportBatch) => ({
  companyId,
  jobId,
  attempt,
  number,
});

describe('the stream of a job', () => {
  it('is a plan, numbered consecutive batches of 256 to 512 KiB, and an end', async () => {
    await installation.seed('stream', 4_000);
    const stream = await streamOf({ company: 'stream' });

    expect(stream.map(({ number }) => number)).toEqual(stream.map((_, index) => index));
    const [plan, ...rest] = stream;
    const batches = rest.slice(0, -1);
    expect(plan?.kind).toBe('plan');
    expect(rest.at(-1)).toMatchObject({ kind: 'end', end: { outcome: 'resolved', total: 4_000 } });
    const ids: string[] = [];
    for (const [index, batch] of batches.entries()) {
      expect(batch.from).toBe(index === 0 ? 0 : batches[index - 1]?.to);
      expect(batch.rows).toBe(batch.to - batch.from);
      const rows = batch.payload === null ? [] : await openRows(opener(), batch.payload, idOf(batch));
      const bytes = rows.reduce((sum, row) => sum + encodedBytes(encodeRow(row)), 0);
      expect(bytes).toBeLessThanOrEqual(512 * kib);
      if (index < batches.length - 1) expect(bytes).toBeGreaterThanOrEqual(256 * kib);
      ids.push(...rows.map(([id]) => JSON.stringify(id).slice(1, -1)));
    }
    expect(batches.length).toBeGreaterThan(3);
    expect(ids).toEqual(await newestFirst(installation, 'stream'));
    if (plan?.payload) expect((await openPlan(opener(), plan.payload, idOf(plan))).total).toBe(4_000);
  });

  it('contains contacts without a creation date, after the others', async () => {
    await installation.seed('undated', 30);
    const contacts = installation
      .database('crm')
      .collection<{ _id: string; created_at: unknown }>('contacts');
    const [first = '', second = ''] = await newestFirst(installation, 'undated');
    await contacts.updateOne({ _id: first }, { $unset: { created_at: '' } });
    await contacts.updateOne({ _id: second }, { $set: { created_at: 'last spring' } });

    const stream = await streamOf({ company: 'undated' });
    const [batch] = stream.filter(({ kind }) => kind === 'rows');
    const rows = batch?.payload ? await openRows(opener(), batch.payload, idOf(batch)) : [];
    expect(rows).toHaveLength(30);
    expect(rows.slice(-2).map(([id]) => id)).toEqual([first, second].sort().reverse());
  });

  it('leaves out the excluded contacts, on every page of the list', async () => {
    await installation.seed('excluding', 2_500);
    const newest = await newestFirst(installation, 'excluding');
    const excluded_ids = [0, 899, 900, 1_500, 2_200].flatMap((at) => newest[at] ?? []);
    const left = new Set(excluded_ids);
    const idsOf = async (stream: readonly ExportBatch[]) => {
      const batches = stream.filter(({ kind }) => kind === 'rows');
      const rows = await Promise.all(
        batches.map(async (one) => (one.payload ? openRows(opener(), one.payload, idOf(one)) : [])),
      );
      return rows.flat().map(([id]) => id);
    };
    const all = await streamOf({ company: 'excluding', excluded_ids, cap: 2_495 });
    expect(await idsOf(all)).toEqual(newest.filter((id) => !left.has(id)));
    const first = await streamOf({
      company: 'excluding',
      excluded_ids,
      cap: 2_000,
      spec: { selection_mode: 'first_10k_sorted' },
    });
    // The first 2,000 without four of them; no other contact takes their places.
    expect(await idsOf(first)).toEqual(newest.slice(0, 2_000).filter((id) => !left.has(id)));
    const over = await streamOf({ company: 'excluding', excluded_ids, cap: 2_494 });
    expect(over.at(-1)?.end?.failure).toMatchObject({
      code: 'EXPORT_LIMIT_EXCEEDED',
      params: { total: '2495', cap: '2494' },
    });
  });

  it('contains no readable name, address or number of a contact on the broker', async () => {
    await installation.seed('secret', 200);
    const stream = await streamOf({ company: 'secret', criterion: { filters: [], search: '' } });
    const contacts = installation
      .database('crm')
      .collection<Record<string, unknown> & { _id: string }>('contacts');
    const known = await contacts.find({ company_id: 'secret' }).toArray();
    const words = known
      .flatMap((contact) =>
        ['_id', 'first_name', 'last_name', 'email', 'phone', 'notes'].map((name) => contact[name]),
      )
      .filter((word) => typeof word === 'string' && word.length > 4)
      .map(String);
    expect(words.length).toBeGreaterThan(500);

    const job = stream[0]?.job_id;
    const stored = (await installation.raw.read('export.batches')).filter(({ key }) => key === job);
    expect(stored.length).toBeGreaterThan(2);
    for (const { value, headers } of stored) {
      const bytes = Buffer.concat([value ?? Buffer.alloc(0), Buffer.from(JSON.stringify(headers))]);
      expect(words.filter((word) => bytes.includes(word))).toEqual([]);
    }
  });
});

describe('a request that cannot be resolved', () => {
  async function failureOf(options: RequestOptions) {
    const stream = await streamOf(options);
    const end = stream.at(-1);
    expect(end?.end?.outcome).toBe('failed');
    expect(end?.spec).not.toBeNull();
    return {
      code: end?.end?.failure?.code,
      params: end?.end?.failure?.params,
      detail: end?.end?.failure?.detail,
      kinds: stream.map(({ kind }) => kind),
    };
  }

  it('ends with EXPORT_LIMIT_EXCEEDED above the cap, before any plan', async () => {
    await installation.seed('limits', 25);
    const failure = await failureOf({ company: 'limits', cap: 19 });
    // Listing stops at the 20th contact; the failure has the number of all.
    expect(failure).toMatchObject({
      code: 'EXPORT_LIMIT_EXCEEDED',
      params: { total: '25', cap: '19' },
      kinds: ['end'],
    });
    expect(failure.detail).toBe(
      'The selection has 25 contacts and the limit is 19. Narrow the filter or split by period.',
    );
    expect((await streamOf({ company: 'limits', cap: 25 })).at(-1)?.end?.outcome).toBe('resolved');
  });

  it('ends with EXPORT_SELECTION_EMPTY if no contact is left to select', async () => {
    await installation.seed('empty', 0);
    expect((await failureOf({ company: 'empty' })).code).toBe('EXPORT_SELECTION_EMPTY');
  });

  it("ends with EXPORT_SELECTION_EMPTY if none of the given ids is a contact of the company's", async () => {
    await installation.seed('given', 2);
    await installation.seed('stranger', 1);
    const [own = ''] = await newestFirst(installation, 'given');
    const strangers = await newestFirst(installation, 'stranger');
    const gone = Array.from({ length: 600 }, (_, index) => `gone-${index}`);
    const failure = await failureOf({ company: 'given', ids: [...gone, ...strangers] });
    expect(failure).toMatchObject({ code: 'EXPORT_SELECTION_EMPTY', kinds: ['end'] });
    const found = await streamOf({ company: 'given', ids: [...gone, own] });
    expect(found.at(-1)?.end).toMatchObject({ outcome: 'resolved', total: 601 });
  });

  it('ends with FORBIDDEN if the permission was revoked after the request', async () => {
    await installation.seed('revoked', 3);
    await installation.permit('revoked', ['contacts.export.history.company']);
    expect(await failureOf({ company: 'revoked' })).toMatchObject({ code: 'FORBIDDEN', kinds: ['end'] });
  });

  it('ends with EXPORT_FIELD_UNKNOWN if a field was removed after the request', async () => {
    await installation.seed('fields', 3);
    const failure = await failureOf({ company: 'fields', spec: { fields: ['id', 'no_such_field'] } });
    expect(failure.code).toBe('EXPORT_FIELD_UNKNOWN');
    expect(failure.detail).toContain('no_such_field');
  });

  it('ends with EXPORT_FAILED if the request itself cannot be read', async () => {
    const [job = ''] = await installation.jobsOnOnePartition(1);
    const headers = { ce_companyid: 'acme', ce_attempt: '1', ce_id: 'x', ce_type: 'export.requested' };
    await installation.raw.send('export.requested', { key: job, value: 'no Avro', headers });
    await waitFor(() => installation.events.batchesOf(job).length > 0, { limitMs: 30_000, what: 'the end' });
    expect(installation.events.batchesOf(job)).toMatchObject([
      { kind: 'end', number: 0, spec: null, company_id: 'acme', end: { outcome: 'failed' } },
    ]);
  });

  it('ends with EXPORT_BATCH_TOO_LARGE if one contact is larger than a message', async () => {
    await installation.seed('huge', 3);
    const [first = ''] = await newestFirst(installation, 'huge');
    const contacts = installation.database('crm').collection<{ _id: string; notes: string }>('contacts');
    await contacts.updateOne({ _id: first }, { $set: { notes: 'x'.repeat(300 * kib) } });
    await resolver.stop();
    resolver = await startProcess('resolver', installation, {
      settings: { MESSAGE_MAXIMUM_BYTES: String(200 * kib) },
    });
    expect((await failureOf({ company: 'huge' })).code).toBe('EXPORT_BATCH_TOO_LARGE');
  });
});
