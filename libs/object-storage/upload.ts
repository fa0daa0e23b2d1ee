import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import { create as contentDisposition } from 'content-disposition';
import { asError, ExportError } from '@waybill/errors';
import { isAmbiguous, orStorageFailure, storageFailure } from './failure.ts';
import { PartBuffer } from './part-buffer.ts';
import type { Upload, Uploaded, UploadOptions } from './types.ts';

export interface UploadSettings {
  /** At least 5 MiB: the minimum of S3 for every part but the last. */
  readonly partBytes: number;
  /** The maximum number of parts in flight. They and the part that fills bound the memory. */
  readonly partsInFlight: number;
}

/** How long an abort waits for parts in flight, so that cancelling is fast although storage does not answer. */
const drainMs = 1_000;

/** S3 allows 10,000 parts of one upload. */
const maximumParts = 10_000;

/** Metadata by which an upload recognises its own object after the answer to its completion was lost. */
const tokenName = 'upload-token';

/**
 * Streams bytes into one object. A file that fits one part is a single put; a larger one becomes a multipart upload
 * with the second part. Both refuse a key that exists (`If-None-Match: *`).
 */
export function openUpload(client: S3Client, options: UploadOptions, settings: UploadSettings): Upload {
  const { bucket: Bucket, key: Key, signal } = options;
  const hash = createHash('sha256');
  const buffer = new PartBuffer(settings.partBytes);
  const inFlight = new Set<Promise<void>>();
  const sentParts: CompletedPart[] = [];
  let uploadId: Promise<string> | undefined;
  let bytesWritten = 0;
  let bytesInFlight = 0;
  let failure: ExportError | undefined;
  let ended = false;
  const sending = new AbortController();
  const abortSignal = sending.signal;
  const token = randomUUID();

  const headers = {
    ContentType: options.contentType,
    ContentDisposition: contentDisposition(options.fileName, { type: 'attachment' }),
    Metadata: { ...options.metadata, [tokenName]: token },
  };

  async function begin(): Promise<string> {
    const answer = await orStorageFailure(
      client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...headers }), { abortSignal }),
    );
    if (answer.UploadId === undefined) {
      throw new ExportError('STORAGE_FAILED', { params: { reason: 'no upload id' } });
    }
    return answer.UploadId;
  }

  async function sendPart(body: Buffer, number: number): Promise<void> {
    uploadId ??= begin();
    const UploadId = await uploadId;
    const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: number, Body: body });
    const answer = await orStorageFailure(client.send(command, { abortSignal }));
    sentParts[number - 1] = { ETag: answer.ETag, PartNumber: number };
  }

  /** Starts a part, and waits while the maximum number is in flight. */
  async function dispatch(body: Buffer): Promise<void> {
    const number = sentParts.length + 1;
    if (number > maximumParts) {
      throw new ExportError('STORAGE_FAILED', { params: { reason: `more than ${maximumParts} parts` } });
    }
    sentParts.push({ PartNumber: number });
    bytesInFlight += body.length;
    const sent: Promise<void> = sendPart(body, number)
      .catch((error: unknown) => {
        failure ??=
          error instanceof ExportError ? error : new ExportError('STORAGE_FAILED', { cause: asError(error) });
      })
      .finally(() => {
        inFlight.delete(sent);
        bytesInFlight -= body.length;
      });
    inFlight.add(sent);
    if (inFlight.size >= settings.partsInFlight) await Promise.race(inFlight);
  }

  function check(): void {
    if (failure !== undefined) throw failure;
    if (ended) throw new ExportError('STORAGE_FAILED', { params: { reason: 'the upload has ended' } });
    if (signal?.aborted) throw new ExportError('STORAGE_UNAVAILABLE', { cause: signal.reason });
  }

  async function put(body: Buffer): Promise<void> {
    const command = new PutObjectCommand({ Bucket, Key, Body: body, IfNoneMatch: '*', ...headers });
    await settled(client.send(command, { abortSignal }));
  }

  async function completeParts(UploadId: string, rest: Buffer): Promise<void> {
    if (rest.length > 0) await dispatch(rest);
    await Promise.all(inFlight);
    check();
    const command = new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      IfNoneMatch: '*',
      MultipartUpload: { Parts: sentParts },
    });
    await settled(client.send(command, { abortSignal }));
  }

  /**
   * Waits for the request that makes the file visible. When an answer is lost the client sends the request again, and the
   * second answer says that the key exists or the upload does not. The object itself then shows whether it is this file.
   */
  async function settled(completion: Promise<unknown>): Promise<void> {
    try {
      await completion;
    } catch (error) {
      if (!isAmbiguous(error) || !(await isStored())) throw storageFailure(error);
    }
  }

  /** Returns whether the object is this upload's own, complete. Returns false if storage does not answer. */
  async function isStored(): Promise<boolean> {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal });
      return head.Metadata?.[tokenName] === token && head.ContentLength === bytesWritten;
    } catch {
      return false;
    }
  }

  return {
    get bytesWritten() {
      return bytesWritten;
    },
    get heldBytes() {
      return buffer.filledBytes + bytesInFlight;
    },
    async write(bytes) {
      check();
      hash.update(bytes);
      bytesWritten += bytes.length;
      for (const part of buffer.add(bytes)) {
        await dispatch(part);
        check();
      }
    },
    async complete(): Promise<Uploaded> {
      check();
      const rest = buffer.rest();
      if (uploadId === undefined) await put(rest);
      else await completeParts(await uploadId, rest);
      ended = true;
      return { bytes: bytesWritten, sha256: hash.digest('hex') };
    },
    async abort() {
      if (ended) return;
      ended = true;
      buffer.rest();
      // A part that arrives after the abort would stay in storage, so parts in flight may arrive first.
      await Promise.race([Promise.all(inFlight), delay(drainMs, undefined, { ref: false })]);
      sending.abort(new Error('the upload was aborted'));
      await Promise.all(inFlight);
      const UploadId = await uploadId?.catch(() => undefined);
      if (UploadId === undefined) return;
      await orStorageFailure(client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })));
    },
  };
}
