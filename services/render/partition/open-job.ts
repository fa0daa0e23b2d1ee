import { openPlan } from '@waybill/batch-payload';
import { ExportError } from '@waybill/errors';
import type { EventMessage } from '@waybill/kafka';
import type { ExportBatch, ExportSpec } from '@waybill/schemas';
import { contentTypes } from '@waybill/domain';
import { fileNames, storageKey } from '../file/file-name.ts';
import type { Claim } from '../job/job.ts';
import { createOutputFile } from '../file/output-file.ts';
import type { RenderParts } from '../deps.ts';
import { streamStart } from './stream.ts';
import { rememberEnd, type BatchTopic, type OpenJob, type Track } from './partition-state.ts';

export type BatchMessage = EventMessage<ExportBatch, BatchTopic>;

/** Of which attempt a message is; the job itself is on the plan and on ends without rows. */
export function subjectOf({ event, traceparent }: BatchMessage) {
  return {
    jobId: event.job_id,
    companyId: event.company_id,
    attempt: event.attempt,
    job: event.spec,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/**
 * Claims a job at its plan and begins its file. Undefined where the job has ended, or a newer attempt is known.
 * @throws ExportError EXPORT_BATCH_UNREADABLE, REGION_UNAVAILABLE; SERVICE_UNAVAILABLE.
 */
export async function openJob(
  track: Track,
  message: BatchMessage,
  parts: RenderParts,
): Promise<OpenJob | undefined> {
  const { event, offset } = message;
  const { spec: job, payload } = event;
  if (job === null || payload === null) throw new ExportError('EXPORT_BATCH_UNREADABLE');
  const plan = await openPlan(parts.opener, payload, batchId(event));
  const subject = { ...subjectOf(message), job };
  const claimed = await parts.store.claim(subject, track, offset, new Date(parts.now()));
  if (claimed.kind === 'ignore') {
    rememberEnd(track, event.job_id, event.attempt);
    return undefined;
  }
  const place = placeOf(job, claimed.claim, plan.snapshotAt, event.company_id, parts);
  const { compressionLevel, partBytes } = parts;
  const upload = parts.storage.openUpload({
    bucket: place.bucket,
    key: place.key,
    contentType: contentTypes[job.format],
    fileName: place.names.shown,
    metadata: {
      'job-id': event.job_id,
      'company-id': encodeURIComponent(event.company_id),
      attempt: String(event.attempt),
      epoch: String(claimed.claim.epoch),
      'snapshot-at': new Date(plan.snapshotAt).toISOString(),
    },
  });
  const open: OpenJob = {
    claim: claimed.claim,
    subject,
    snapshotAt: plan.snapshotAt,
    first: offset,
    file: createOutputFile({ job, plan, upload, compressionLevel, partBytes }),
    ...place,
    stream: streamStart(plan.total),
    lastMessageAt: parts.now(),
    gapSought: false,
  };
  track.parked.delete(event.job_id);
  track.sought.delete(event.job_id);
  track.open.set(event.job_id, open);
  return open;
}

function placeOf(job: ExportSpec, claim: Claim, snapshotAt: number, companyId: string, parts: RenderParts) {
  const names = fileNames({
    layoutName: job.layout_name,
    at: snapshotAt,
    timezone: job.timezone,
    jobId: claim._id,
    format: job.format,
  });
  const key = storageKey(companyId, claim._id, claim.epoch, names.ascii);
  return { names, key, bucket: parts.bucketOf(job.region) };
}

/** What authenticates a message's payload. */
export function batchId(event: ExportBatch) {
  return {
    companyId: event.company_id,
    jobId: event.job_id,
    attempt: event.attempt,
    number: event.number,
  };
}
