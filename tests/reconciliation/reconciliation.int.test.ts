import type { ExportCompleted } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PipelineInstallation, type AcceptedJob } from './testing/installation.ts';

const contacts = 200;
let installation: PipelineInstallation;

beforeAll(async () => {
  installation = await PipelineInstallation.open({ contacts });
  const { intake, resolver, render, notify } = installation;
  await Promise.all([intake, resolver, render, notify].map((service) => service.start()));
});
afterAll(() => installation[Symbol.asyncDispose]());

/** Checks that a job has one file and one email, and that every export.completed of it is the same event. */
async function expectOneOfEach(job: AcceptedJob): Promise<ExportCompleted> {
  expect(await installation.ended(job.id)).toMatchObject({ status: 'completed' });
  expect((await installation.ended(job.id)).active_key).toBeUndefined();
  const event = await installation.events.ended(job.id);
  expect(event).toMatchObject({ outcome: 'SUCCEEDED', receipt: { matched: contacts, written: contacts } });
  const { rows, keys } = await installation.fileOf(event);
  expect(rows).toBe(contacts);
  expect(keys).toEqual([event.file?.key]);
  const ends = installation.events.endsOf(job.id);
  for (const end of ends) expect([end.id, end.event]).toEqual([ends[0]?.id, event]);
  expect(await installation.emails(job)).toBe(1);
  return event;
}

describe('reconciliation', () => {
  it('resolves a job whose export.requested was lost', async () => {
    await installation.resolver.stop();
    const job = await installation.request();
    await installation.repeated(job.id, 1);
    await installation.deleteAll('export.requested');
    await installation.resolver.start();
    await expectOneOfEach(job);
  });

  it('ends a job whose export.completed was lost', async () => {
    await installation.render.stop();
    const job = await installation.request();
    await installation.resolved(job.id);
    await installation.intake.stop();
    await installation.render.start();
    await installation.events.ended(job.id);
    expect(await installation.emails(job)).toBe(1);
    await installation.deleteAll('export.completed');
    await installation.intake.start();
    await expectOneOfEach(job);
    expect(installation.events.endsOf(job.id).length).toBeGreaterThan(1);
  });

  it('makes the file of a job whose plan and first batches were lost', async () => {
    await installation.render.stop();
    const job = await installation.request();
    await installation.resolved(job.id);
    const messages = (await installation.raw.read('export.batches')).filter(({ key }) => key === job.id);
    const [, , third] = messages;
    if (third === undefined) throw new Error('The job has fewer than three messages.');
    await installation.raw.deleteBelow('export.batches', third.partition, third.offset);
    await installation.render.start();
    await expectOneOfEach(job);
  });

  it('makes the file of a job that lost a batch in the middle', async () => {
    await installation.resolver.stop();
    const job = await installation.request();
    const stream = await installation.streamOf(job);
    await stream.plan(contacts);
    await stream.rows(1, 0, ['a']);
    // Batch 2 is lost.
    await stream.rows(3, 2, ['c']);
    const isLost = () => installation.events.progressOf(job.id).some((progress) => progress.batches_lost);
    await waitFor(isLost, { limitMs: 30_000, what: 'the report of lost batches' });
    await installation.resolver.start();
    await expectOneOfEach(job);
  });

  it('makes the file of a job whose batches were all lost', async () => {
    await installation.render.stop();
    const job = await installation.request();
    await installation.resolved(job.id);
    await installation.deleteAll('export.batches');
    await installation.render.start();
    await expectOneOfEach(job);
    const streams = new Set(installation.events.batchesOf(job.id).map(({ stream }) => stream));
    expect(streams.size).toBeGreaterThan(1);
  });

  it('lets the erasure of a person complete whose job had lost its batches', async () => {
    await installation.render.stop();
    const job = await installation.request();
    await installation.resolved(job.id);
    await installation.deleteAll('export.batches');
    expect(await installation.erase()).toBe(1);
    await installation.render.start();
    expect(await installation.ended(job.id)).toMatchObject({ status: 'cancelled', held_bytes: 0 });
    expect(await installation.erase()).toBe(0);
  });
});

describe('a job that does not end after the limit of repeats', () => {
  beforeAll(async () => {
    await installation.intake.stop();
    await installation.intake.start({ RECONCILE_MAXIMUM_REPEATS: '1' });
  });

  it('fails when every request was lost', async () => {
    await installation.resolver.stop();
    const job = await installation.request();
    await installation.repeated(job.id, 1);
    await installation.deleteAll('export.requested');
    await installation.repeated(job.id, 2);
    await installation.resolver.start();
    await expectFailed(job);
  });

  it('fails when it is resolved and every batch was lost', async () => {
    await installation.render.stop();
    const job = await installation.request();
    await installation.resolved(job.id);
    await installation.repeated(job.id, 1);
    await installation.deleteAll('export.batches');
    await installation.repeated(job.id, 2);
    await installation.render.start();
    await expectFailed(job);
  });

  async function expectFailed(job: AcceptedJob): Promise<void> {
    const ended = await installation.ended(job.id);
    expect(ended).toMatchObject({ status: 'failed', failure: { code: 'EXPORT_STALLED' }, held_bytes: 0 });
    expect(ended.active_key).toBeUndefined();
    const ids = installation.events.endsOf(job.id).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
  }
});
