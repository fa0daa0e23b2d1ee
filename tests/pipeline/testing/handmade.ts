import { encodeRow, sealPlan, sealRows } from '@waybill/batch-payload';
import { createDataKey, keyEncryptionFromSettings } from '@waybill/crypto';
import { exportBatch } from '@waybill/fixtures';
import { eventId } from '@waybill/kafka';
import type { BatchEnd, ExportBatch, ExportSpec, SealedData } from '@waybill/schemas';
import type { Installation } from './installation.ts';

/** The stream of a job that a test sends message by message, with or without faults. */
export interface HandmadeStream {
  readonly job: string;
  plan(total: number): Promise<void>;
  /** Sends rows of one column, `id`. */
  rows(number: number, from: number, ids: readonly string[], change?: Partial<ExportBatch>): Promise<void>;
  /** `repeated`: asks for the job's export.completed, as after a repeated request. */
  end(number: number, end: BatchEnd, repeated?: boolean): Promise<void>;
}

export function handmadeStream(
  installation: Pick<Installation, 'environment' | 'producer'>,
  job: string,
  request: {
    readonly company: string;
    readonly spec: ExportSpec;
    readonly attempt?: number;
    /** Number of the stream; 0 unless the batches are produced again. */
    readonly stream?: number;
    readonly at?: number;
  },
): HandmadeStream {
  const { environment, producer } = installation;
  const { attempt = 1, stream = 0 } = request;
  const key = createDataKey(
    keyEncryptionFromSettings({
      KEY_ENCRYPTION_KEYS: environment['KEY_ENCRYPTION_KEYS'] ?? '',
      KEY_ENCRYPTION_KEY_ID: environment['KEY_ENCRYPTION_KEY_ID'] ?? '',
    }),
  );
  const id = (number: number) => ({ companyId: request.company, jobId: job, attempt, number });

  async function send(kind: ExportBatch['kind'], number: number, part: Partial<ExportBatch>): Promise<void> {
    await producer.send('export.batches', {
      key: job,
      id: eventId(job, 'export.batches', attempt, `${stream}:${number}`),
      type: 'export.batches',
      companyId: request.company,
      attempt,
      at: request.at ?? Date.now(),
      event: exportBatch({
        job_id: job,
        company_id: request.company,
        attempt,
        kind,
        number,
        stream,
        ...part,
      }),
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
    end: (number, end, repeated = false) =>
      send('end', number, { end, repeated, spec: end.outcome === 'resolved' ? null : request.spec }),
  };
}
