import { batchId, openPlan } from '@waybill/batch-payload';
import { companyId, contentTypes, jobId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import type { ExportBatch } from '@waybill/schemas';
import type { RenderDeps } from '../deps.ts';
import { fileNames, storageKey } from '../file/file-name.ts';
import { createOutputFile } from '../file/output-file.ts';
import type { Claim } from '../job/job.ts';
import type { Subject } from '../job/messages.ts';
import type { BatchMessage, OpenJob } from './partition-state.ts';
import { streamStart } from './stream.ts';

/** Returns the attempt that a message belongs to. The spec is on the plan and on ends without rows. */
export function subjectOf({ event, traceparent }: BatchMessage): Subject {
  return {
    jobId: jobId(event.job_id),
    companyId: companyId(event.company_id),
    attempt: event.attempt,
    stream: event.stream,
    spec: event.spec ?? undefined,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/**
 * Claims a job at its plan and starts its file. Returns `ignore` if the job has ended or a newer attempt is stored, and
 * `superseded` if a newer stream of the attempt is stored.
 * @throws ExportError EXPORT_BATCH_UNREADABLE, REGION_UNAVAILABLE, SERVICE_UNAVAILABLE
 */
export async function openJob(
  message: BatchMessage,
  deps: RenderDeps,
): Promise<OpenJob | 'ignore' | 'superseded'> {
  const { event, offset } = message;
  const { spec, payload } = event;
  if (spec === null || payload === null) throw new ExportError('EXPORT_BATCH_UNREADABLE');
  const plan = await openPlan(deps.opener, payload, batchId(event, event.number));
  const subject = { ...subjectOf(message), spec };
  const claimed = await deps.store.claim(subject, message, deps.now());
  if (claimed.kind !== 'claimed') return claimed.kind;
  const { claim } = claimed;
  const names = fileNames({
    layoutName: spec.layout_name,
    at: plan.snapshotAt,
    timezone: spec.timezone,
    jobId: claim._id,
    format: spec.format,
  });
  const bucket = deps.bucketOf(spec.region);
  const owner = { companyId: event.company_id, jobId: claim._id, epoch: claim.epoch };
  const key = storageKey(deps.installation, owner, names.ascii);
  const upload = deps.storage.openUpload({
    bucket,
    key,
    contentType: contentTypes[spec.format],
    fileName: names.shown,
    metadata: uploadMetadata(claim, event, plan.snapshotAt),
  });
  const { compressionLevel, omitReferences } = deps;
  return {
    claim,
    subject,
    snapshotAt: plan.snapshotAt,
    first: offset,
    startedAt: message.at,
    file: createOutputFile({ spec, plan, upload, compressionLevel, omitReferences }),
    bucket,
    key,
    names,
    stream: streamStart(plan.total),
    lastMessageAt: deps.now().getTime(),
    lastProgressAt: 0,
    gapRetried: false,
  };
}

function uploadMetadata({ epoch }: Claim, event: ExportBatch, snapshotAt: number) {
  return {
    'job-id': event.job_id,
    'company-id': encodeURIComponent(event.company_id),
    attempt: String(event.attempt),
    epoch: String(epoch),
    'snapshot-at': new Date(snapshotAt).toISOString(),
  };
}
