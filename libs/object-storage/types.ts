import type { Readable } from 'node:stream';

/** Bucket and key of an object. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

export interface UploadOptions extends ObjectAddress {
  readonly contentType: string;
  /** The file name of a download; any characters. */
  readonly fileName: string;
  /** Stored with the object; ASCII keys and values. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Makes further writes fail; the owner then aborts. */
  readonly signal?: AbortSignal;
}

export interface Uploaded {
  readonly bytes: number;
  /** SHA-256 of all bytes, lower-case hex. */
  readonly sha256: string;
}

/** A file that is being uploaded. It is not visible before `complete`, and never overwrites another file. */
export interface Upload {
  /**
   * Copies the bytes, so that the caller may reuse them. Waits while the maximum number of parts is in flight.
   * @throws ExportError STORAGE_UNAVAILABLE (retryable) or STORAGE_FAILED; the upload has then failed.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Makes the file visible. Succeeds too if the answer was lost and the stored object is this file.
   * @throws ExportError STORAGE_FAILED if the key has another object.
   */
  complete(): Promise<Uploaded>;
  /** Cancels the upload and removes what was sent. Does nothing if it has ended. */
  abort(): Promise<void>;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Bytes in memory: those of the part that fills and of the parts in flight. */
  readonly heldBytes: number;
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

export interface RequestOptions {
  /** Ends the request, which then rejects. */
  readonly signal?: AbortSignal;
}

export interface ListOptions extends RequestOptions {
  /** Lists the objects whose keys follow this one. */
  readonly after?: string | undefined;
}

export interface DownloadOptions extends ObjectAddress {
  readonly fileName: string;
  readonly contentType: string;
  readonly expiresInSeconds: number;
}

/**
 * Object storage by the S3 protocol.
 * @throws ExportError STORAGE_UNAVAILABLE (retryable) while it cannot be reached, STORAGE_FAILED if it refuses.
 */
export interface Storage {
  openUpload(options: UploadOptions): Upload;
  /** Returns a URL at which anyone can read the object until it expires. It is a secret: never log it. */
  presignDownload(options: DownloadOptions): Promise<string>;
  /** Returns undefined if there is no such object. */
  head(address: ObjectAddress, options?: RequestOptions): Promise<ObjectHead | undefined>;
  read(address: ObjectAddress): Promise<Readable>;
  /** Removes an object. Succeeds if there is no such object. */
  remove(address: ObjectAddress, options?: RequestOptions): Promise<void>;
  /** Lists objects in the order of their keys. */
  list(bucket: string, prefix: string, options?: ListOptions): AsyncIterable<StoredObject>;
  listUploads(bucket: string, options?: RequestOptions): AsyncIterable<UnfinishedUpload>;
  abortUpload(bucket: string, upload: UnfinishedUpload, options?: RequestOptions): Promise<void>;
  /** Creates the bucket if it is missing. For deployments and tests. */
  ensureBucket(bucket: string): Promise<void>;
  /** Resolves if the storage answers and has the bucket. */
  ping(bucket: string): Promise<void>;
  close(): void;
}
