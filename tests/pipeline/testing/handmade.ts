import { encodeRow, sealPlan, sealRows } from '@waybill/batch-payload';
import { createDataKey, keyEncryptionFromSettings } from '@waybill/crypto';
import { eventId } from '@waybill/kafka';
import type { BatchEnd, ExportBatch, ExportSpec, SealedData } from '@waybill/schemas';
import type { Installation } from './installation.ts';

/** The stream of a job that a test sends message by message, with or without faults. */
export interface HandmadeStream {
  readonly job: string;
  plan(total: number): Promise<void>;
  /** Sends rows of one column, `id`. */
  rows(number: number, from: number, ids: readonly string[], change?: Partial<ExportBatch>): Promise<void>;
  end(number: number, end: BatchEnd): Promise<void>;
}

export function handmadeStream(
  installation: Installation,
  job: string,
  request: {
    readonly company: string;
    readonly spec: ExportSpec;
    readonly attempt?: number;
    readonly at?: number;
  },
): HandmadeStream {
  const { environment, producer } = installation;
  const attempt = request.attempt ?? 1;
  const key = createDataKey(
    keyEncryptionFromSettings({
      KEY_ENCRYPTION_KEYS: environment['KEY_ENCRYPTION_KEYS'] ?? '',
      KEY_ENCRYPTION_KEY_ID: environment['KEY_ENCRYPTION_KEY_ID'] ?? '',
    }),
  );
  const id = (number: number) => ({ companyId: request.company, jobId: job, attempt, number });

  async function send(kind: ExportBatch['kind'], number: number, part: Partial<ExportBatch>): Promise<void> {
    const head = { job_id: job, company_id: request.company, attempt, kind, number };
    const empty = {
      from: 0,
      to: 0,
      rows: 0,
      skipped: 0,
      payload: null,
      spec: null,
      end: null,
      stream: 0,
      repeated: false,
    };
    await producer.send('export.batches', {
      key: job,
      id: eventId(job, 'export.batches', attempt, number),
      type: 'export.batches',
      companyId: request.company,
      attempt,
      at: request.at ?? Date.now(),
      event: { ...head, ...empty, ...part },
    });
  }

  return {
    job,
    async plan(total) {
      const columns = [{ name: 'id', header: 'Contact ID', fieldType: 'id' }];
      const payload: SealedData = await sealPlan(
        await key,
        { columns, total, snapshotAt: Date.now() },
        id(0),
      );
      await send('plan', 0, { payload, spec: request.spec });
    },
    async rows(number, from, ids, change = {}) {
      const payload = await sealRows(
        await key,
        ids.map((one) => encodeRow([one])),
        id(number),
      );
      await send('rows', number, { from, to: from + ids.length, rows: ids.length, payload, ...change });
    },
    end: (number, end) =>
      send('end', number, { end, spec: end.outcome === 'resolved' ? null : request.spec }),
  };
}
