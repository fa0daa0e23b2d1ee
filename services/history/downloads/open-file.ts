/** Handles a click on a download in this order: find the entry, decide, write the audit, sign the URL. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@waybill/auth';
import type { Permissions } from '@waybill/contacts';
import type { KeyEncryption } from '@waybill/crypto';
import { activityEntry } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/mongo';
import type { Storage } from '@waybill/object-storage';
import type { Logger } from '@waybill/observability';
import { limits, type JobId } from '@waybill/domain';
import type { SealedData } from '@waybill/schemas';
import type { AuditStore, DownloadDocument } from './audit-store.ts';
import { decideDownload, type DownloadDecision } from './download.ts';
import type { EntryStore } from '../entries/entry-store.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { sealVisitor, type Visitor } from './visitor.ts';

export interface OpenFileDeps {
  readonly entries: EntryStore;
  readonly audit: AuditStore;
  /** Current permissions; those of the token may be outdated. */
  readonly permissions: Permissions;
  readonly keys: KeyEncryption;
  readonly storage: Pick<Storage, 'presignDownload'>;
  /** Publishes the outbox of a download now. The outbox's own loop publishes the rest later. */
  readonly relay: (downloadId: string) => Promise<boolean>;
  readonly logger: Logger;
  readonly now: () => Date;
}

export interface ClickRequest {
  readonly jobId: JobId;
  readonly caller: Caller;
  readonly visitor: Visitor;
  readonly traceparent: string;
}

/**
 * Returns the signed URL of the file. If the audit cannot be written, nothing is signed.
 * @throws ExportError EXPORT_NOT_FOUND, FORBIDDEN, EXPORT_WITHOUT_FILE, EXPORT_EXPIRED; SERVICE_UNAVAILABLE while a
 * server is down.
 */
export async function openFile(deps: OpenFileDeps, request: ClickRequest): Promise<string> {
  const { jobId, caller } = request;
  const entry = await deps.entries.find(jobId);
  const held = await deps.permissions.of(caller.userId, caller.companyId);
  const permissions = caller.permissions.filter((permission) => held.includes(permission));
  const now = deps.now();
  const decision = decideDownload({ jobId, entry, caller: { ...caller, permissions }, now });
  if (entry !== undefined && (await isRecorded(deps, request, { decision, now }))) {
    await writeAudit(deps, request, { entry, decision, now });
  }
  if (decision.kind === 'refused') throw decision.error;
  const { file, expiresInSeconds } = decision;
  return deps.storage.presignDownload({
    bucket: file.bucket,
    key: file.key,
    fileName: file.name,
    contentType: file.content_type,
    expiresInSeconds,
  });
}

const hourMs = 3_600_000;

/**
 * Returns whether the audit records a click: every granted one, and a limited number of refused ones, so that nobody can
 * fill the audit with clicks. The access log has them all.
 */
async function isRecorded(
  { audit, logger }: OpenFileDeps,
  { caller, jobId }: ClickRequest,
  { decision, now }: Pick<DecidedClick, 'decision' | 'now'>,
): Promise<boolean> {
  if (decision.kind === 'granted') return true;
  const refused = await audit.countRefused(caller, new Date(now.getTime() - hourMs));
  if (refused < limits.refusedClicks) return true;
  logger.warn({ job_id: jobId, user_id: caller.userId, refused }, 'refused click not recorded');
  return false;
}

interface DecidedClick {
  readonly entry: EntryDocument;
  readonly decision: DownloadDecision;
  readonly now: Date;
}

async function writeAudit(
  deps: OpenFileDeps,
  request: ClickRequest,
  { entry, decision, now }: DecidedClick,
): Promise<void> {
  const id = randomUUID();
  const { userId } = request.caller;
  const personal = await sealVisitor(deps.keys, request.visitor, { companyId: entry.company_id, userId });
  const granted = decision.kind === 'granted';
  const download: DownloadDocument = {
    _id: id,
    job_id: entry._id,
    company_id: entry.company_id,
    user_id: userId,
    visitor_company_id: request.caller.companyId,
    at: now,
    outcome: decision.kind,
    code: decision.kind === 'refused' ? decision.error.code : null,
    personal,
    keep_until: new Date(now.getTime() + limits.auditTtlMs),
    outbox: granted ? [downloaded(request, { id, entry, at: now, personal })] : [],
    outbox_pending: granted,
  };
  await deps.audit.add(download);
  if (granted) await deps.relay(id);
}

interface Download {
  readonly id: string;
  readonly entry: EntryDocument;
  readonly at: Date;
  readonly personal: SealedData;
}

/** Returns the product event of a granted download: one for each click. */
function downloaded(
  { caller, traceparent }: ClickRequest,
  { id, entry, at, personal }: Download,
): OutboxEntry {
  return activityEntry({
    name: 'cdp_export_downloaded',
    companyId: entry.company_id,
    jobId: entry._id,
    userId: caller.userId,
    attempt: entry.attempt,
    sequence: id,
    at: at.getTime(),
    attributes: { download_id: id, format: entry.spec.format, bytes: String(entry.file?.bytes ?? 0) },
    personal,
    traceparent,
  });
}
