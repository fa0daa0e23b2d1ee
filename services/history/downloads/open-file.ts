/** A click on a download, in order: look up, decide, write the audit, and only then sign. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@waybill/auth';
import type { Permissions } from '@waybill/contacts';
import type { KeyEncryption } from '@waybill/crypto';
import type { Storage } from '@waybill/object-storage';
import { limits, type JobId } from '@waybill/domain';
import { downloaded } from '../activity.ts';
import type { AuditStore, DownloadDocument } from './audit-store.ts';
import { decideDownload, type DownloadDecision } from './download.ts';
import type { EntryStore } from '../entries/entry-store.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { sealVisitor, type Visitor } from './visitor.ts';

export interface ClickParts {
  readonly entries: EntryStore;
  readonly audit: AuditStore;
  /** What the caller may do now, whatever an older token says. */
  readonly permissions: Permissions;
  readonly keys: KeyEncryption;
  readonly storage: Pick<Storage, 'presignDownload'>;
  /** Publishes the outbox of an audit entry now; what it cannot, the sweep will. */
  readonly relay: (downloadId: string) => Promise<boolean>;
  readonly now: () => number;
}

export interface ClickRequest {
  readonly jobId: JobId;
  readonly caller: Caller;
  readonly visitor: Visitor;
  readonly traceparent: string;
}

/**
 * The signed address of the file. Where the audit cannot be written, nothing is signed.
 * @throws ExportError EXPORT_NOT_FOUND, FORBIDDEN, EXPORT_WITHOUT_FILE, EXPORT_EXPIRED; SERVICE_UNAVAILABLE while a
 * server is down.
 */
export async function openFile(parts: ClickParts, request: ClickRequest): Promise<string> {
  const { jobId, caller } = request;
  const entry = await parts.entries.find(jobId);
  const held = await parts.permissions.of(caller.userId, caller.companyId);
  const permissions = caller.permissions.filter((permission) => held.includes(permission));
  const now = parts.now();
  const decision = decideDownload({ jobId, entry, caller: { ...caller, permissions }, now });
  if (entry !== undefined) await writeAudit(parts, request, entry, decision, now);
  if (decision.kind === 'refused') throw decision.error;
  const { file, expiresInSeconds } = decision;
  return parts.storage.presignDownload({
    bucket: file.bucket,
    key: file.key,
    fileName: file.name,
    contentType: file.content_type,
    expiresInSeconds,
  });
}

async function writeAudit(
  parts: ClickParts,
  { caller, visitor, traceparent }: ClickRequest,
  entry: EntryDocument,
  decision: DownloadDecision,
  now: number,
): Promise<void> {
  const id = randomUUID();
  const { userId } = caller;
  const personal = await sealVisitor(parts.keys, visitor, { companyId: entry.company_id, userId });
  const granted = decision.kind === 'granted';
  const download: DownloadDocument = {
    _id: id,
    job_id: entry._id,
    company_id: entry.company_id,
    user_id: userId,
    at: new Date(now),
    outcome: decision.kind,
    code: decision.kind === 'refused' ? decision.error.code : null,
    personal,
    keep_until: new Date(now + limits.auditTtlMs),
    outbox: granted ? [downloaded({ id, entry, userId, at: now, traceparent, personal })] : [],
    outbox_pending: granted,
  };
  await parts.audit.add(download);
  if (granted) await parts.relay(id);
}
