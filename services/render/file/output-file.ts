import type { BatchPlan, Row } from '@waybill/batch-payload';
import { ExportError } from '@waybill/errors';
import { createFormatter, currencySymbols, type SheetColumn } from '@waybill/formatting';
import type { ExportSpec } from '@waybill/schemas';
import {
  createCsvWriter,
  createXlsxWriter,
  type ReceiptRow,
  type SheetWriter,
  type Tally,
} from '@waybill/sheet';
import type { Upload } from '@waybill/object-storage';
import { sheetNames } from './receipt.ts';

/** A file in progress: rows in, an object in storage out. Supports one caller at a time. */
export interface OutputFile {
  /** Writes rows. Waits while storage is slower than the rows. @throws ExportError */
  write(rows: readonly Row[]): Promise<void>;
  /** Ends the file. The object is in storage when this resolves. @throws ExportError */
  finish(
    receipt: (tally: Tally, columns: readonly SheetColumn[]) => readonly ReceiptRow[],
  ): Promise<{ readonly tally: Tally; readonly bytes: number; readonly sha256: string }>;
  /** Aborts the file and its upload, so that storage keeps nothing of it. Never throws. */
  abandon(): Promise<void>;
  /** Returns the bytes written to storage so far. */
  bytes(): number;
  /** Returns the bytes in memory: those of the upload part that fills and of the parts in flight, and the writer's own buffers. */
  heldBytes(): number;
}

/** Memory of a waiting writer, measured: the row buffer, pieces in deflate, four deflate states, and bytes not yet read. */
const writerBytes = 2.9 * 1_048_576;

export interface OutputFileOptions {
  readonly spec: ExportSpec;
  readonly plan: BatchPlan;
  readonly upload: Upload;
  /** Deflate level of XLSX. */
  readonly compressionLevel: number;
  /** Whether XLSX cells omit their references where they may. */
  readonly omitReferences: boolean;
}

export function createOutputFile(options: OutputFileOptions): OutputFile {
  const { spec, plan, upload } = options;
  const formatter = createFormatter({
    columns: plan.columns,
    format: spec.format,
    timezone: spec.timezone,
    locale: localeOf(spec),
  });
  const writer = createWriter(options, formatter.columns);
  const pump = pumpInto(writer, upload);

  /** Throws the cause of a failure: the writer itself only reports that its receiver failed. */
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
          const tally = await writer.finish((counts) => receipt(counts, formatter.columns));
          await pump.done;
          return { tally, ...(await upload.complete()) };
        })(),
      ),
    async abandon() {
      writer.abort(new ExportError('EXPORT_FAILED', { cause: new Error('the file was abandoned') }));
      // The upload ends before the pump, which may wait for storage that does not answer. The sweeper aborts uploads that
      // could not be aborted here.
      await upload.abort().catch(() => undefined);
      await pump.done.catch(() => undefined);
    },
    bytes: () => upload.bytesWritten,
    heldBytes: () => writerBytes + upload.heldBytes,
  };
}

function localeOf({ locale }: ExportSpec): 'en' | 'id' {
  return locale === 'id' ? 'id' : 'en';
}

function createWriter(
  { spec, plan, compressionLevel, omitReferences }: OutputFileOptions,
  columns: readonly SheetColumn[],
): SheetWriter {
  if (spec.format === 'csv') {
    return createCsvWriter({
      columns,
      ...(spec.csv === null
        ? {}
        : {
            delimiter: spec.csv.delimiter,
            bom: spec.csv.bom,
            decimalComma: spec.csv.decimal_comma,
          }),
    });
  }
  return createXlsxWriter({
    columns,
    snapshotAt: new Date(plan.snapshotAt),
    compressionLevel,
    omitReferences,
    freezeFirstColumn: spec.xlsx?.freeze_first_column ?? false,
    ...(spec.xlsx?.currency_symbol ? { currencySymbols: currencySymbols(localeOf(spec)) } : {}),
    ...sheetNames[localeOf(spec)],
    properties: { title: spec.layout_name, language: spec.locale },
  });
}

interface Pump {
  /** Resolves when every byte of the writer is in the upload. */
  readonly done: Promise<void>;
  /** Returns the error of the upload, if it failed. */
  failure(): unknown;
}

/** Copies the writer's bytes to the upload. A slow upload slows the writer, a failed one aborts it. */
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
