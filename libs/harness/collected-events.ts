import { done, type EventMessage, type Kafka } from '@waybill/kafka';
import type { ExportActivity, ExportBatch, ExportCompleted, ExportProgress } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';

type Completed = EventMessage<ExportCompleted>;

/** The events that the services published, including repeated ones. */
export interface CollectedEvents {
  /** All product events so far. */
  readonly activities: readonly ExportActivity[];
  /** Waits for the first end of a job's attempt. */
  ended(
    job: string,
    options?: { readonly attempt?: number; readonly limitMs?: number },
  ): Promise<ExportCompleted>;
  /** Returns the ends of a job so far, in order. */
  endsOf(job: string): readonly Completed[];
  /** Waits for the first product event of a job, and returns those so far. */
  activitiesOf(job: string): Promise<readonly ExportActivity[]>;
  /** Returns the progress of a job so far. */
  progressOf(job: string): readonly ExportProgress[];
  /** Returns the messages of a job's stream so far. */
  batchesOf(job: string): readonly ExportBatch[];
}

/** Starts a consumer that keeps every event it reads. The consumer stops with `kafka`. */
export async function collectEvents(kafka: Kafka): Promise<CollectedEvents> {
  const ends: Completed[] = [];
  const activities: ExportActivity[] = [];
  const progress: ExportProgress[] = [];
  const batches: ExportBatch[] = [];
  const consumer = kafka.createConsumer({
    group: 'test',
    service: 'history',
    topics: ['export.completed', 'export.activity', 'export.progress', 'export.batches'],
    retry: { tries: 3, fromMs: 50, toMs: 500 },
    handler: (message) => {
      switch (message.topic) {
        case 'export.completed':
          ends.push(message);
          break;
        case 'export.activity':
          activities.push(message.event);
          break;
        case 'export.batches':
          batches.push(message.event);
          break;
        case 'export.progress':
          progress.push(message.event);
          break;
      }
      return Promise.resolve(done());
    },
  });
  await consumer.start();
  return {
    activities,
    async ended(job, { attempt = 1, limitMs = 60_000 } = {}) {
      const found = await waitFor(
        () => ends.find(({ event }) => event.job_id === job && event.attempt === attempt),
        { limitMs, what: `the end of job ${job}` },
      );
      return found.event;
    },
    endsOf: (job) => ends.filter(({ event }) => event.job_id === job),
    async activitiesOf(job) {
      const of = () => activities.filter((event) => event.job_id === job);
      await waitFor(() => of().length > 0, { limitMs: 20_000, what: `a product event of job ${job}` });
      return of();
    },
    batchesOf: (job) => batches.filter((event) => event.job_id === job),
    progressOf: (job) => progress.filter((event) => event.job_id === job),
  };
}
