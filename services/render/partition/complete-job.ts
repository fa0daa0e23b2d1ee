import { companyId, contentTypes, userId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import type { ExportFile } from '@waybill/schemas';
import type { RenderDeps } from '../deps.ts';
import { receiptOf, receiptRows, type ReceiptFacts } from '../file/receipt.ts';
import { removeFileAndList, storeSkippedList } from '../file/skipped-list.ts';
import type { Closed } from '../job/job-store.ts';
import type { Ending } from '../job/messages.ts';
import { closeJob, closeWithoutFile, failed } from './close-job.ts';
import type { OpenJob } from './partition-state.ts';

/**
 * Completes a job whose batches are all written: checks the requester's permission again, completes the file, checks that
 * the receipt balances, and only then sets the file pointer. Removes the completed object unless the pointer names it.
 * @throws ExportError
 */
export async function completeJob(open: OpenJob, deps: RenderDeps): Promise<Closed> {
  if (!(await hasPermission(open, deps))) {
    const error = new ExportError('FORBIDDEN', { params: { permission: 'contacts.export' } });
    return closeWithoutFile(open, failed(error), deps);
  }
  const ending = await completeFile(open, deps);
  deps.reached('file complete');
  const closed = await closeJob(open, ending, deps);
  if (ending.state !== 'succeeded' || (!closed.won && closed.stored?.file?.key !== open.key)) {
    await removeFile(open, deps);
  }
  return closed;
}

/** The requester may have lost the permission since the resolver checked it. */
async function hasPermission({ subject }: OpenJob, { permissions }: RenderDeps): Promise<boolean> {
  const held = await permissions.of(userId(subject.spec.user_id), companyId(subject.companyId));
  return held.includes('contacts.export');
}

/** Completes the file and returns how the job ends. The object is in storage then, for every ending. */
async function completeFile(open: OpenJob, deps: RenderDeps): Promise<Ending> {
  const { subject, snapshotAt, stream } = open;
  const facts: ReceiptFacts = {
    spec: subject.spec,
    matched: stream.total,
    skipped: stream.skipped,
    snapshotAt,
    attempt: subject.attempt,
  };
  const { tally, ...stored } = await open.file.finish((counts, columns) =>
    receiptRows(facts, counts, columns),
  );
  try {
    // Completing a large file takes a while, so a cancel may have arrived meanwhile.
    if (await deps.cancel.isRaised(subject.jobId, subject.attempt)) return { state: 'cancelled' };
    const receipt = receiptOf(facts, tally, stored);
    await storeSkippedList(deps.storage, open, stream);
    return { state: 'succeeded', file: pointerTo(open, receipt.bytes, deps), receipt };
  } catch (error) {
    if (error instanceof ExportError && error.code === 'EXPORT_RECEIPT_MISMATCH') {
      deps.metrics.receiptMismatches.inc();
      return failed(error);
    }
    throw error;
  }
}

function pointerTo(open: OpenJob, bytes: number, { now, fileTtlMs }: RenderDeps): ExportFile {
  return {
    bucket: open.bucket,
    key: open.key,
    name: open.names.shown,
    content_type: contentTypes[open.subject.spec.format],
    bytes,
    expires_at: now().getTime() + fileTtlMs,
  };
}

/** Never throws: the sweeper removes an object that stays behind without a pointer. */
async function removeFile(open: OpenJob, deps: RenderDeps): Promise<void> {
  try {
    await removeFileAndList(deps.storage, open);
  } catch (error) {
    deps.logger.warn({ error, job_id: open.subject.jobId }, 'file without pointer not removed');
  }
}
