import type { Readable } from 'node:stream';

/** Where an object lies. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

export interface UploadOptions extends ObjectAddress {
  readonly contentType: string;
  /** The name that a download gets; any characters. */
  readonly fileName: string;
  /** Kept with the object; ASCII keys and values. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Makes further writes fail; the owner then aborts. */
  readonly signal?: AbortSignal;
}

export interface Uploaded {
  readonly bytes: number;
  /** SHA-256 of all bytes, lower-case hex. */
  readonly sha256: string;
}

/** A file on its way into storage. Nobody sees it before `complete`, and a file that is there is never overwritten. */
export interface Upload {
  /**
   * Takes the bytes over (copied, so the caller may reuse them). Waits while enough parts are in flight.
   * @throws ExportError STORAGE_UNAVAILABLE (retryable) or STORAGE_FAILED; the upload is then over.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the file visible. @throws ExportError STORAGE_FAILED when the key exists already. */
  complete(): Promise<Uploaded>;
  /** Gives the upload up and removes its parts. Harmless when it has ended. */
  abort(): Promise<void>;
  /** Bytes written so far. */
  readonly bytesWritten: number;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly lastModified: Date;
}

export interface ObjectHead {
  readonly bytes: number;
  readonly contentType: string | undefined;
  readonly contentDisposition: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An upload that was neither completed nor aborted. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
}

export interface DownloadOptions extends ObjectAddress {
  readonly fileName: string;
  readonly contentType: string;
  readonly expiresInSeconds: number;
}

/**
 * Object storage by the S3 protocol.
 * @throws ExportError STORAGE_UNAVAILABLE (retryable) while it cannot be reached, STORAGE_FAILED where it refuses.
 */
export interface Storage {
  openUpload(options: UploadOptions): Upload;
  /** An address that anyone may read the object at until it expires. It is a secret: never log it. */
  presignDownload(options: DownloadOptions): Promise<string>;
  /** Undefined where there is no such object. */
  head(address: ObjectAddress): Promise<ObjectHead | undefined>;
  read(address: ObjectAddress): Promise<Readable>;
  /** Removing what is not there succeeds. */
  remove(address: ObjectAddress): Promise<void>;
  list(bucket: string, prefix: string): AsyncIterable<StoredObject>;
  listUploads(bucket: string): AsyncIterable<UnfinishedUpload>;
  abortUpload(bucket: string, upload: UnfinishedUpload): Promise<void>;
  /** Creates the bucket where it is missing. For deployments and tests. */
  ensureBucket(bucket: string): Promise<void>;
  /** Whether the storage answers; `bucket` is only asked for. */
  ping(bucket: string): Promise<void>;
  close(): void;
}
