import { causeOf, ExportError } from '@waybill/errors';
import { done, retry, skip, type MessageOf, type Outcome } from '@waybill/kafka';
import { companyId, isJobId } from '@waybill/domain';
import { applyCompleted, applyProgress, isTerminal, type JobChange } from './job/job.ts';
import type { JobDocument, JobStore } from './job/job-store.ts';

/** The topics that this service consumes. */
export type HandledTopic = 'export.progress' | 'export.completed';
export type HandledMessage = MessageOf<HandledTopic>;

/** Attempts to store a change while other instances change the same job. More conflicts in a row indicate a fault. */
const maximumAttempts = 5;

export interface HandlerDeps {
  readonly jobs: Pick<JobStore, 'find' | 'change'>;
  /** Called when render reports that batches of a running job cannot be read. */
  readonly onBatchesLost: (job: JobDocument) => Promise<void>;
  /** Called after each visible change of a job. */
  readonly onChange: (job: JobDocument) => void;
}

/** Creates the handler that applies progress and completion events to their jobs. The handler never throws. */
export function createHandler({ jobs, onBatchesLost, onChange }: HandlerDeps) {
  return async (message: HandledMessage): Promise<Outcome> => {
    try {
      return await apply(message);
    } catch (error) {
      return retry(causeOf(error));
    }
  };

  async function apply(message: HandledMessage): Promise<Outcome> {
    const { job_id, company_id } = message.event;
    if (!isJobId(job_id)) return skip('not a job id');
    for (let attempt = 0; attempt < maximumAttempts; attempt += 1) {
      const job = await jobs.find(companyId(company_id), job_id);
      // Jobs are stored for 7 days and export.completed for 100, so a replay has events of removed jobs.
      if (job === undefined) return skip('job not found');
      if (message.topic === 'export.progress' && message.event.batches_lost) {
        if (message.event.attempt !== job.attempt || isTerminal(job.status)) return skip('nothing new');
        await onBatchesLost(job);
        return done();
      }
      const change = changeOf(job, message);
      if (change === undefined) return skip('nothing new');
      if (await jobs.change(job, change)) {
        onChange(job);
        return done();
      }
    }
    return retry(new ExportError('SERVICE_UNAVAILABLE', { cause: new Error('The job changes too often.') }));
  }
}

function changeOf(job: JobDocument, message: HandledMessage): JobChange {
  return message.topic === 'export.progress'
    ? applyProgress(job, message.event)
    : applyCompleted(job, message.event);
}
