import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createDataKey, keyEncryptionFromSettings, sealPersonal } from '@waybill/crypto';
import { createKafka, done, eventId } from '@waybill/kafka';
import { createMetrics, silentLogger } from '@waybill/observability';
import type { ExportCompleted, ExportRequested } from '@waybill/schemas';
import { companyId, jobId, userId } from '@waybill/domain';
import { createCancelFlags } from '@waybill/redis';
import { freePort } from '../../local/free-port.ts';
import { startService } from '../../local/service-process.ts';
import { given, type Course } from './contender.ts';
import type { Run } from './runner.ts';

const megabyte = 1024;
/** A cancel comes this long after the request, when the job is under way. */
const beforeCancelMs = 300;

/** Resolver and render as separate processes, which receive requests over Kafka as from intake. */
export interface Services extends AsyncDisposable {
  run(): Promise<Run>;
  /** Returns the milliseconds from the cancel flag to the event that says that the job was cancelled. */
  cancel(): Promise<number>;
  /** Returns the peak of resident memory of each service, in MB. */
  rssMb(): Readonly<Record<string, number>>;
}

export interface ServicesOptions {
  readonly course: Course;
  readonly environmentOf: (service: string) => Record<string, string>;
  readonly logDirectory: string;
  readonly user: string;
  readonly lane: 'standard' | 'bulk';
}

export async function startServices(options: ServicesOptions): Promise<Services> {
  const { course, environmentOf, logDirectory } = options;
  const started = await Promise.all(
    (['resolver', 'render'] as const).map(async (name) =>
      startService({
        name,
        environment: environmentOf(name),
        port: await freePort(),
        logDirectory: join(logDirectory, 'logs'),
        onEvent: (line) => console.error(line),
      }),
    ),
  );
  await Promise.all(started.map((service) => service.untilReady(60_000)));
  const kafka = createKafka({
    brokers: given(course, 'KAFKA_BROKERS'),
    clientId: 'bench',
    registryUrl: given(course, 'SCHEMA_REGISTRY_URL'),
    prefix: given(course, 'TOPIC_PREFIX'),
    logger: silentLogger(),
    metrics: createMetrics('bench', { processMetrics: false }),
  });
  const waiting = new Map<string, (event: ExportCompleted) => void>();
  const consumer = kafka.createConsumer({
    group: 'bench',
    service: 'history',
    topics: ['export.completed'],
    retry: { tries: 3, fromMs: 100, toMs: 1_000 },
    handler: ({ event }) => {
      waiting.get(event.job_id)?.(event);
      return Promise.resolve(done());
    },
  });
  await consumer.start();
  const producer = kafka.createProducer();

  const flags = createCancelFlags({ url: given(course, 'REDIS_URL'), logger: silentLogger() });
  const topic = options.lane === 'bulk' ? 'export.requested.bulk' : 'export.requested';

  async function request(): Promise<{ readonly job: string; readonly ended: Promise<ExportCompleted> }> {
    const event = await requestOf(options);
    const { promise: ended, resolve } = Promise.withResolvers<ExportCompleted>();
    waiting.set(event.job_id, resolve);
    await producer.send(topic, {
      key: event.job_id,
      id: eventId(event.job_id, 'export.requested', 1),
      type: 'export.requested',
      companyId: event.company_id,
      attempt: 1,
      at: Date.now(),
      event,
    });
    return { job: event.job_id, ended };
  }

  return {
    async run() {
      const start = performance.now();
      const { receipt, failure } = await (await request()).ended;
      const ms = performance.now() - start;
      if (receipt === null) throw new Error(`The job failed: ${failure?.detail ?? 'cancelled'}`);
      return { ms, rows: receipt.written, bytes: receipt.bytes };
    },
    async cancel() {
      const { job, ended } = await request();
      await setTimeout(beforeCancelMs);
      const start = performance.now();
      await flags.raise(jobId(job), 1);
      const { receipt } = await ended;
      if (receipt !== null) throw new Error('The job ended before it was cancelled: use more rows.');
      return performance.now() - start;
    },
    rssMb: () => Object.fromEntries(started.map((service) => [service.name, peakMb(service.pid())])),
    async [Symbol.asyncDispose]() {
      flags.close();
      await kafka.close();
      await Promise.all(started.map((service) => service.stop()));
    },
  };
}

/** Returns the peak of resident memory on Linux. Other systems do not report it. */
function peakMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / megabyte);
  } catch {
    return Number.NaN;
  }
}

async function requestOf({ course, user, lane }: ServicesOptions): Promise<ExportRequested> {
  const keys = keyEncryptionFromSettings({
    KEY_ENCRYPTION_KEYS: given(course, 'KEY_ENCRYPTION_KEYS'),
    KEY_ENCRYPTION_KEY_ID: given(course, 'KEY_ENCRYPTION_KEY_ID'),
  });
  const scope = { companyId: companyId(course.company), userId: userId(user) };
  return {
    job_id: randomUUID(),
    company_id: course.company,
    attempt: 1,
    ids: [],
    excluded_ids: [],
    created_from: null,
    created_before: null,
    cap: 1_000_000,
    repeat: null,
    spec: {
      organization_id: 'bench',
      user_id: user,
      region: 'id',
      locale: 'en',
      requested_at: Date.now(),
      lane,
      selection_mode: 'all',
      period: null,
      start_date: null,
      end_date: null,
      sources: [],
      excluded_count: 0,
      layout_id: 'default',
      layout_name: 'Default view',
      fields: course.fields,
      format: course.format,
      csv: null,
      xlsx: null,
      timezone: 'Asia/Jakarta',
      personal: sealPersonal(await createDataKey(keys), { email: `${user}@bench.example` }, scope),
    },
  };
}
