import { asExportError } from '@waybill/errors';
import { done, retry, skip, type MessageOf, type Outcome } from '@waybill/kafka';
import { companyId, isJobId } from '@waybill/domain';
import { applyCompleted, applyProgress, isTerminal, type JobChange } from './job/job.ts';
import type { JobDocument, JobStore } from './job/job-store.ts';

export type ProjectedTopic = 'export.progress' | 'export.completed';
export type ProjectedMessage = MessageOf<ProjectedTopic>;

/** Other instances change the same job at the same time; more than a few in a row is not chance. */
const tries = 5;

export interface ProjectionParts {
  readonly jobs: Pick<JobStore, 'find' | 'change'>;
  /** After a visible change: wakes the open streams, and lowers the cancel flag of a job that has ended. */
  readonly onChange: (job: JobDocument, ended: boolean) => void;
}

/** Writes what the events say of a job into the job. Never throws. */
export function createProjection({ jobs, onChange }: ProjectionParts) {
  return async (message: ProjectedMessage): Promise<Outcome> => {
    try {
      return await project(message);
    } catch (error) {
      return retry(asExportError(error, 'SERVICE_UNAVAILABLE'));
    }
  };

  async function project(message: ProjectedMessage): Promise<Outcome> {
    const { job_id, company_id } = message.event;
    if (!isJobId(job_id)) return skip('not a job id');
    for (let i = 0; i < tries; i += 1) {
      const job = await jobs.find(companyId(company_id), job_id);
      // Jobs are kept for seven days, export.completed for a hundred: a replay meets jobs that are gone.
      if (job === undefined) return skip('job not kept');
      const change = changeOf(job, message);
      if (change === undefined) return skip('nothing new');
      if (await jobs.change(job, change)) {
        onChange(job, change.status !== undefined && isTerminal(change.status));
        return done();
      }
    }
    return retry(asExportError(new Error('the job changes too often'), 'SERVICE_UNAVAILABLE'));
  }
}

function changeOf(job: JobDocument, message: ProjectedMessage): JobChange {
  return message.topic === 'export.progress'
    ? applyProgress(job, message.event)
    : applyCompleted(job, message.event);
}
