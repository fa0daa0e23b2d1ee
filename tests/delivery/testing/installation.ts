import { randomUUID } from 'node:crypto';
import { sealedFor, succeeded } from '@waybill/fixtures';
import { ServiceHarness } from '@waybill/harness';
import type { ExportCompleted } from '@waybill/schemas';
import { loadConfig as loadHistory, type HistoryConfig } from '../../../services/history/config.ts';
import { startHistory } from '../../../services/history/service.ts';
import { loadConfig as loadNotify, type NotifyConfig } from '../../../services/notify/config.ts';
import { startNotify } from '../../../services/notify/service.ts';

const settings = {
  PUBLIC_URL: 'https://crm.example',
  OUTBOX_EVERY_MS: '100',
};

/** A stored export and its requester, who has a unique email address. */
export interface StoredExport {
  readonly event: ExportCompleted;
  readonly person: { readonly companyId: string; readonly organizationId: string; readonly userId: string };
  readonly email: string;
}

/** History and notify, which read the same topics. */
export class DeliveryInstallation implements AsyncDisposable {
  readonly history: ServiceHarness<HistoryConfig>;
  readonly notify: ServiceHarness<NotifyConfig>;

  private constructor(history: ServiceHarness<HistoryConfig>, notify: ServiceHarness<NotifyConfig>) {
    this.history = history;
    this.notify = notify;
  }

  /** Prepares both services. Neither is started. */
  static async open(): Promise<DeliveryInstallation> {
    const history = await ServiceHarness.open({
      name: 'history',
      loadConfig: loadHistory,
      start: startHistory,
      settings: { ...settings, SWEEP_EVERY_MS: '100', REGISTER_AGAIN_AFTER_MS: '2500' },
    });
    const notify = await ServiceHarness.open({
      name: 'notify',
      loadConfig: loadNotify,
      start: startNotify,
      settings: { ...settings, TOPIC_PREFIX: history.sandbox.topicPrefix },
    });
    return new DeliveryInstallation(history, notify);
  }

  /** Stores a file and returns its completed event. The requester may download the file. */
  async exported(): Promise<StoredExport> {
    const { storage, bucket, crm } = this.history.sandbox;
    const person = {
      companyId: `company-${randomUUID()}`,
      organizationId: 'org-1',
      userId: `user-${randomUUID()}`,
    };
    const email = `${person.userId}@example.com`;
    await crm.membership({ ...person, permissions: ['contacts.export'] });
    const jobId = randomUUID();
    const event = succeeded({ job_id: jobId, company_id: person.companyId, completed_at: Date.now() });
    if (event.file === null || event.spec === null) throw new Error('A success has a file and a spec.');
    const key = `private/exports/test/${person.companyId}/${jobId}/1/contacts.xlsx`;
    const file = { ...event.file, bucket, key };
    const upload = storage.openUpload({ ...file, contentType: file.content_type, fileName: file.name });
    await upload.write(Buffer.from(`the file of ${jobId}`));
    await upload.complete();
    const personal = await sealedFor(person.companyId, person.userId, { email });
    const { organizationId: organization_id, userId: user_id } = person;
    const spec = { ...event.spec, organization_id, user_id, personal };
    return { event: { ...event, file, spec }, person, email };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.notify[Symbol.asyncDispose]();
    await this.history[Symbol.asyncDispose]();
  }
}
