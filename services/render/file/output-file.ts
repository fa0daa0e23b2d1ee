import type { BatchPlan, Row } from '@waybill/batch-payload';
import { ExportError } from '@waybill/errors';
import { createFormatter } from '@waybill/formatting';
import type { ExportSpec } from '@waybill/schemas';
import {
  createCsvWriter,
  createXlsxWriter,
  type ReceiptRow,
  type SheetWriter,
  type Tally,
} from '@waybill/sheet';
import type { Upload } from '@waybill/object-storage';

/** A file that is being made: rows in, an object in storage out. It is used by one caller at a time. */
export interface OutputFile {
  /** Resolves when the rows are taken in; that waits where storage is slower than the rows. @throws ExportError */
  write(rows: readonly Row[]): Promise<void>;
  /** Ends the file; when it resolves the object is in storage. @throws ExportError */
  finish(
    receipt: (tally: Tally) => readonly ReceiptRow[],
  ): Promise<{ readonly tally: Tally; readonly bytes: number; readonly sha256: string }>;
  /** Throws away what was made; storage keeps no part of it. Never throws. */
  abandon(): Promise<void>;
  /** Bytes given to storage so far. */
  bytes(): number;
  /** Bytes that wait in memory for a part to fill, and what the writer needs for itself. */
  heldBytes(): number;
}

/** What a writer holds while it waits: the row buffer, pieces on their way through deflate, and their window. */
const writerBytes = 2 * 1_048_576;

export interface OutputFileOptions {
  readonly job: ExportSpec;
  readonly plan: BatchPlan;
  readonly upload: Upload;
  /** Deflate level of XLSX. */
  readonly compressionLevel: number;
  /** Bytes of one part of the upload. */
  readonly partBytes: number;
}

export function createOutputFile(options: OutputFileOptions): OutputFile {
  const { job, plan, upload } = options;
  const formatter = createFormatter({
    columns: plan.columns,
    format: job.format,
    timezone: job.timezone,
    locale: job.locale === 'id' ? 'id' : 'en',
  });
  const writer = createWriter(options, formatter.columns);
  const pump = pumpInto(writer, upload);

  /** What went wrong first: the writer only says that its receiver failed. */
  async function orPumpFailure<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const failure = pump.failure();
      throw failure ?? error;
    }
  }

  async function writeAll(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const behind = writer.write(formatter.row(row));
      if (behind !== undefined) await behind;
    }
  }

  return {
    write: (rows) => orPumpFailure(writeAll(rows)),
    finish: (receipt) =>
      orPumpFailure(
        (async () => {
          const tally = await writer.finish(receipt);
          await pump.done;
          return { tally, ...(await upload.complete()) };
        })(),
      ),
    async abandon() {
      writer.abort(new ExportError('EXPORT_FAILED', { cause: new Error('the file was abandoned') }));
      await pump.done.catch(() => undefined);
      // Parts that storage could not be told of are found by the sweeper.
      await upload.abort().catch(() => undefined);
    },
    bytes: () => upload.bytesWritten,
    heldBytes: () => writerBytes + (upload.bytesWritten % options.partBytes),
  };
}

function createWriter(
  { job, plan, compressionLevel }: OutputFileOptions,
  columns: Parameters<typeof createXlsxWriter>[0]['columns'],
): SheetWriter {
  if (job.format === 'csv') {
    return createCsvWriter({
      columns,
      ...(job.csv === null ? {} : { delimiter: job.csv.delimiter, bom: job.csv.bom }),
    });
  }
  return createXlsxWriter({
    columns,
    snapshotAt: new Date(plan.snapshotAt),
    compressionLevel,
    ...(job.locale === 'id' ? { sheetName: 'Kontak', receiptName: 'Tanda terima' } : {}),
    properties: { title: job.layout_name, creator: 'Waybill' },
  });
}

interface Pump {
  /** Resolves when every byte of the writer is in the upload. */
  readonly done: Promise<void>;
  /** What storage refused with. */
  failure(): unknown;
}

/** Moves the writer's bytes into the upload; a slow upload slows the writer, a failed one aborts it. */
function pumpInto(writer: SheetWriter, upload: Upload): Pump {
  let failure: unknown;
  const done = (async () => {
    for await (const chunk of writer.stream) {
      try {
        await upload.write(chunk as Uint8Array); // the writer's stream is one of bytes
      } catch (error) {
        failure = error;
        throw error;
      }
    }
  })();
  done.catch((error: unknown) => writer.abort(error instanceof Error ? error : new Error(String(error))));
  return { done, failure: () => failure };
}
