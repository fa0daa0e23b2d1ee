import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@waybill/testbed';
import { limits } from '@waybill/domain';
import { hasRightHeaders, type Download, type ExportClient, type Receipt } from './client.ts';
import type { DemoOptions } from './options.ts';

/** A completed export with its file, receipt and times. */
export interface FinishedExport {
  readonly jobId: string;
  readonly path: string;
  readonly receipt: Receipt;
  readonly download: Download;
  readonly fields: readonly string[];
  /** Milliseconds from the request to each step. */
  readonly at: {
    readonly acceptedMs: number;
    readonly completedMs: number;
    readonly downloadedMs: number;
  };
}

/** A million rows take half a minute. The limit is for slow or busy machines. */
const limitMs = 600_000;

/** Requests an export, waits for it and downloads it through history. @throws Error with an unexpected answer. */
export async function exportOnce(client: ExportClient, options: DemoOptions): Promise<FinishedExport> {
  const layout = await client.defaultLayout();
  // The id comes first, so that any reader finds it without knowing the other columns.
  const fields = ['id', ...layout.fields.filter((field) => field !== 'id')];
  const since = performance.now();
  const elapsed = (): number => Math.round(performance.now() - since);
  const jobId = await client.accept({
    ...selection(options.rows),
    format: options.format,
    layout_id: layout.id,
    selected_fields: fields,
    timezone: options.timezone,
  });
  const acceptedMs = elapsed();
  const receipt = await untilCompleted(client, jobId);
  const completedMs = elapsed();
  mkdirSync(options.out, { recursive: true });
  const path = join(options.out, `${jobId}.${options.format}`);
  const download = await waitFor(() => client.download(jobId, path), {
    limitMs: 30_000,
    everyMs: 10,
    what: 'the history to offer the file',
  });
  if (download.sha256 !== receipt.sha256) {
    throw new Error('the SHA-256 of the file is not that of the receipt');
  }
  if (download.bytes !== receipt.bytes) throw new Error('the size of the file is not that of the receipt');
  if (!hasRightHeaders(download, options.format)) {
    throw new Error(`the file came as ${download.contentType ?? '?'}, ${download.disposition ?? '?'}`);
  }
  return { jobId, path, receipt, download, fields, at: { acceptedMs, completedMs, downloadedMs: elapsed() } };
}

/** Selects all seeded contacts: by the first 10,000, by a filter that matches all, or by mode all. */
function selection(rows: number): Readonly<Record<string, unknown>> {
  if (rows > limits.defaultCap) return { selection_mode: 'all' };
  if (rows === limits.firstSorted) return { selection_mode: 'first_10k_sorted' };
  return { selection_mode: 'filtered', criterion: { filters: [{ field: 'id', op: 'exists', value: true }] } };
}

async function untilCompleted(client: ExportClient, jobId: string): Promise<Receipt> {
  const ended = await waitFor(
    async () => {
      const status = await client.status(jobId);
      return status.status === 'queued' || status.status === 'processing' ? undefined : status;
    },
    { limitMs, everyMs: 20, what: 'the export to complete' },
  );
  if (ended.receipt === null) {
    throw new Error(`the export ended as ${ended.status}: ${JSON.stringify(ended.failure_reason)}`);
  }
  return ended.receipt;
}
