import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { ExportError } from '@waybill/errors';
import { sampleCompleted } from '@waybill/fixtures';
import { createKafka, deadLetter } from '@waybill/kafka';
import { createMetrics, silentLogger } from '@waybill/observability';
import { RawBroker, sharedAddresses, uniqueName } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';

interface Result {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the command in a folder without a running installation. */
function redrive(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const others = Object.entries(process.env).filter(([name]) => name !== 'KAFKA_BROKERS');
  return new Promise((ended) => {
    const child = execFile(
      process.execPath,
      [resolve('scripts/redrive.ts'), ...args],
      { cwd: tmpdir(), env: { ...Object.fromEntries(others), ...environment } },
      (_error, out, error) => ended({ code: child.exitCode ?? -1, out, error }),
    );
  });
}

/** Topics under a unique prefix, with their clients. */
interface Topics extends AsyncDisposable {
  readonly prefix: string;
  readonly kafka: ReturnType<typeof createKafka>;
  readonly raw: RawBroker;
}

async function openTopics(): Promise<Topics> {
  const { kafka: broker, registry } = sharedAddresses();
  const prefix = `${uniqueName('redrive')}.`;
  const kafka = createKafka({
    brokers: broker.brokers,
    clientId: 'test',
    registryUrl: registry.url,
    prefix,
    logger: silentLogger(),
    metrics: createMetrics('test', { processMetrics: false }),
  });
  const raw = new RawBroker(broker.brokers, prefix);
  await kafka.ensureTopics({ jobPartitions: 6 });
  return {
    prefix,
    kafka,
    raw,
    async [Symbol.asyncDispose]() {
      await kafka.close();
      await raw.deleteTopics();
      await raw.close();
    },
  };
}

/** Makes history dead-letter the events of these jobs. */
async function deadLetterJobs({ kafka, raw }: Topics, jobIds: readonly string[]): Promise<void> {
  const consumer = kafka.createConsumer({
    group: 'waybill.history',
    service: 'history',
    topics: ['export.completed'],
    handler: () => Promise.resolve(deadLetter(new ExportError('EXPORT_FAILED'))),
  });
  await consumer.start();
  const producer = kafka.createProducer();
  for (const jobId of jobIds) await producer.send('export.completed', sampleCompleted(jobId));
  await expect
    .poll(async () => (await raw.ends('history.dlq')).get(0), { timeout: 15_000 })
    .toBe(BigInt(jobIds.length));
  await consumer.stop();
}

describe('npm run redrive', () => {
  it('lists dead letters, redrives one, redrives the others, and exits with 1 when none is left', async () => {
    await using topics = await openTopics();
    const where = { KAFKA_BROKERS: sharedAddresses().kafka.brokers, TOPIC_PREFIX: topics.prefix };
    const run = (...args: readonly string[]) => redrive(['--service', 'history', ...args], where);
    const redriven = async () => (await topics.raw.read('history.retry')).map(({ key }) => key);
    await deadLetterJobs(topics, ['job-1', 'job-2', 'job-3']);
    const { id } = sampleCompleted('job-2');

    const listed = await run('--dry-run');
    expect(listed).toMatchObject({ code: 0, error: '' });
    expect(listed.out).toContain(`dead  ${id}  export.completed  20`);
    expect(listed.out).toContain('job job-2, company company-1\n  EXPORT_FAILED: ');
    expect(await redriven()).toEqual([]);

    const unknown = await run('--id', id, '--id', 'none');
    expect(unknown).toEqual({ code: 1, out: '', error: 'history has no dead letter to redrive of: none\n' });
    expect(await redriven()).toEqual([]);

    const one = await run('--id', id, '--json');
    expect(JSON.parse(one.out)).toMatchObject({
      event_id: id,
      job_id: 'job-2',
      company_id: 'company-1',
      cause: { code: 'EXPORT_FAILED' },
      tries: 1,
      redriven: true,
    });
    expect(await redriven()).toEqual(['job-2']);

    const left = await run('--all');
    expect(left.out.match(/^redriven {2}/gm)).toHaveLength(2);
    expect((await redriven()).toSorted()).toEqual(['job-1', 'job-2', 'job-3']);
    const none = { code: 1, out: '', error: 'history has no dead letters that were not redriven yet\n' };
    expect(await run('--all')).toEqual(none);
  });

  it('exits with 1 if Kafka does not answer, and with 2 if Waybill does not run or the arguments are wrong', async () => {
    const args = ['--service', 'notify', '--all'];
    const unreachable = await redrive(args, { KAFKA_BROKERS: '127.0.0.1:1' });
    expect(unreachable).toMatchObject({ code: 1, out: '' });
    expect(unreachable.error).toContain('Kafka at 127.0.0.1:1 refuses or does not answer: ');
    const notRunning = await redrive(args);
    expect([notRunning.code, notRunning.error]).toEqual([
      2,
      expect.stringContaining('start it with npm start'),
    ]);
    const render = await redrive(['--service', 'render', '--all'], { KAFKA_BROKERS: '127.0.0.1:1' });
    expect([render.code, render.error]).toEqual([2, expect.stringContaining('retry the job instead')]);
  });
});
