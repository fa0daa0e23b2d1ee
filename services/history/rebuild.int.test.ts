import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { rebuildHistory } from './rebuild.ts';
import { cancelled, failed } from '@waybill/fixtures';
import { Harness } from './testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const rebuild = () => rebuildHistory(loadConfig(harness.environment), harness.context());
const sorted = async () => harness.collections.entries.find().sort({ _id: 1 }).toArray();

/** Publishes failures, retries, a cancellation and an unreadable message. */
async function fill() {
  const ani = await harness.person();
  const events = [];
  for (let index = 0; index < 8; index += 1) {
    const first = await harness.exported(ani, index % 3 === 0 ? failed({ completed_at: Date.now() }) : {});
    await harness.register(first);
    events.push(first);
    if (index % 3 !== 0) continue;
    const retried = { ...(await harness.exported(ani)), job_id: first.job_id, attempt: 2 };
    await harness.register(retried);
  }
  await harness.register(await harness.exported(ani, cancelled({ completed_at: Date.now() })));
  await harness.raw.send('export.completed', { key: 'x', value: 'not Avro' });
  return { ani, events };
}

describe('rebuildHistory', () => {
  it('rebuilds the same entries from the topic alone, emits no event and keeps the audit [R12]', async () => {
    const { ani, events } = await fill();
    const downloaded = events.find(({ file }) => file !== null);
    await harness.request(`/${downloaded?.job_id ?? ''}/download`, ani);
    await waitFor(() => harness.activities.some(({ name }) => name === 'cdp_export_downloaded'), {
      limitMs: 20_000,
      what: 'all product events',
    });
    const before = await sorted();
    const audit = await harness.collections.downloads.find().toArray();
    const emitted = harness.activities.length;
    await harness.stop();

    await harness.collections.entries.drop();
    const report = await rebuild();
    expect(await sorted()).toEqual(before);
    expect(report).toEqual({ events: 12, skipped: 0, dead_letters: 1 });

    expect(await rebuild()).toEqual(report);
    expect(await sorted()).toEqual(before);
    expect(await harness.collections.downloads.find().toArray()).toEqual(audit);
    await harness.start();
    const view = await harness.request(`/${downloaded?.job_id ?? ''}`, ani);
    expect(await view.json()).toMatchObject({ downloads: { count: 1 } });
    expect(harness.activities).toHaveLength(emitted);
  });

  it('repairs a damaged entry', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    const entry = await harness.register(event);
    await harness.collections.entries.updateOne({ _id: entry._id }, { $set: { receipt: null } });
    await rebuild();
    expect(await harness.collections.entries.findOne({ _id: entry._id })).toEqual(entry);
  });

  it('runs as a command that reports its counts and exits', async () => {
    const rebuilding = promisify(execFile);
    const script = fileURLToPath(new URL('./rebuild.ts', import.meta.url));
    const { stdout } = await rebuilding(process.execPath, [script], {
      env: { ...process.env, ...harness.environment },
    });
    expect(stdout).toMatch(/"events":13,"skipped":0,"dead_letters":1,"message":"history rebuilt"/);
    // Matchers have the type any; the cast keeps it out of the object.
    await expect(
      rebuilding(process.execPath, [script], { env: { PATH: process.env['PATH'] } }),
    ).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('KAFKA_BROKERS') as unknown });
  });

  it('ends at once if the topic is empty', async () => {
    await using empty = await Harness.open();
    const report = await rebuildHistory(loadConfig(empty.environment), empty.context());
    expect(report).toEqual({ events: 0, skipped: 0, dead_letters: 0 });
  });
});
