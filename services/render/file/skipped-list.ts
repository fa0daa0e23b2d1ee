import { skippedListKey, type Storage } from '@waybill/object-storage';

/** The file that a list belongs to. */
export interface ListedFile {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Stores the ids of the contacts that a file leaves out, in an object next to it: one id a line, as a JSON text, because
 * a client may have sent any id. Stores nothing if none was skipped, or if the ids are not all known.
 * @throws ExportError STORAGE_UNAVAILABLE or STORAGE_FAILED
 */
export async function storeSkippedList(
  storage: Pick<Storage, 'openUpload'>,
  { bucket, key }: ListedFile,
  { skipped, skippedIds }: { readonly skipped: number; readonly skippedIds: readonly (readonly string[])[] },
): Promise<void> {
  const ids = skippedIds.flat();
  if (skipped === 0 || ids.length !== skipped) return;
  const upload = storage.openUpload({
    bucket,
    key: skippedListKey(key),
    contentType: 'application/x-ndjson',
    fileName: 'skipped.ndjson',
  });
  try {
    await upload.write(Buffer.from(ids.map((id) => `${JSON.stringify(id)}\n`).join('')));
    await upload.complete();
  } catch (error) {
    await upload.abort().catch(() => undefined); // the sweeper aborts what could not be aborted here
    throw error;
  }
}

/** Removes a file and the list of what it leaves out. @throws ExportError STORAGE_UNAVAILABLE or STORAGE_FAILED */
export async function removeFileAndList(
  storage: Pick<Storage, 'remove'>,
  { bucket, key }: ListedFile,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await storage.remove({ bucket, key: skippedListKey(key) }, options);
  await storage.remove({ bucket, key }, options);
}
