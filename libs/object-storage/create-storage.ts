import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListObjectsV2CommandInput,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';
import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { isMissing, orStorageFailure, storageFailure } from './failure.ts';
import type {
  DownloadOptions,
  ListOptions,
  RequestOptions,
  Storage,
  StoredObject,
  UnfinishedUpload,
} from './types.ts';
import { openUpload } from './upload.ts';

export interface StorageOptions {
  readonly endpoint: string;
  /** The address for browsers, if it is another one: signed URLs contain it. */
  readonly publicEndpoint?: string | undefined;
  readonly region: string;
  /** The default provider chain of the AWS SDK is asked without it: environment, shared files, roles. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** Bytes of one part of a multipart upload; at least 5 MiB. */
  readonly partBytes?: number;
  /** Parts that are sent at the same time. */
  readonly partsInFlight?: number;
  /** How long one try of a request, such as one part, may take, in milliseconds; 30 s by default. */
  readonly requestMs?: number;
  /** Tries of one request; three by default. */
  readonly tries?: number;
  readonly logger: Logger;
}

/** 8 MiB: 10,000 rows of 30 fields are one put, and 10,000 parts are 80 GB. */
const defaultPartBytes = 8 * 1024 * 1024;
const defaultPartsInFlight = 2;
const defaultRequestMs = 30_000;
const connectionMs = 5_000;
const defaultTries = 3;

/** Opens object storage. It connects with the first call. */
export function createStorage(options: StorageOptions): Storage {
  const client = new S3Client(clientOptions(options, options.endpoint));
  const signer = new S3Client(clientOptions(options, options.publicEndpoint ?? options.endpoint));
  const settings = {
    partBytes: options.partBytes ?? defaultPartBytes,
    partsInFlight: options.partsInFlight ?? defaultPartsInFlight,
  };
  return {
    openUpload: (upload) => openUpload(client, upload, settings),
    presignDownload: (download) => presign(signer, download),
    async head({ bucket, key }, options) {
      try {
        const answer = await client.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key }),
          abortedBy(options),
        );
        return {
          bytes: answer.ContentLength ?? 0,
          contentType: answer.ContentType,
          contentDisposition: answer.ContentDisposition,
          metadata: answer.Metadata ?? {},
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw storageFailure(error);
      }
    },
    async read({ bucket, key }) {
      const answer = await orStorageFailure(client.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
      if (answer.Body instanceof Readable) return answer.Body;
      throw new ExportError('STORAGE_FAILED', { params: { reason: 'an object without a body' } });
    },
    async remove({ bucket, key }, options) {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: key });
      await orStorageFailure(client.send(command, abortedBy(options)));
    },
    list: (bucket, prefix, options) =>
      listObjects(client, { Bucket: bucket, Prefix: prefix, StartAfter: options?.after }, options),
    listUploads: (bucket, options) => listUploads(client, bucket, options),
    async abortUpload(bucket, { key, uploadId }, options) {
      const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
      try {
        await client.send(command, abortedBy(options));
      } catch (error) {
        if (!isMissing(error)) throw storageFailure(error);
      }
    },
    async ensureBucket(bucket) {
      try {
        await client.send(new CreateBucketCommand({ Bucket: bucket }));
      } catch (error) {
        if (error instanceof BucketAlreadyOwnedByYou || error instanceof BucketAlreadyExists) return;
        throw storageFailure(error);
      }
    },
    async ping(bucket) {
      try {
        await client.send(new HeadBucketCommand({ Bucket: bucket }), { requestTimeout: connectionMs });
      } catch (error) {
        throw isMissing(error)
          ? new ExportError('STORAGE_FAILED', {
              params: { reason: `there is no bucket ${bucket}` },
              cause: error,
            })
          : storageFailure(error);
      }
    },
    close() {
      client.destroy();
      signer.destroy();
    },
  };
}

/** Settings as `s3Settings` of @waybill/config reads them. */
export interface StorageSettings {
  readonly S3_ENDPOINT: string;
  readonly S3_PUBLIC_ENDPOINT?: string | undefined;
  readonly S3_REGION: string;
  readonly S3_ACCESS_KEY_ID?: string | undefined;
  readonly S3_SECRET_ACCESS_KEY?: string | undefined;
  readonly S3_TIMEOUT_MS: number;
  readonly S3_TRIES: number;
}

/** Opens the object storage of a service from its settings. */
export function storageFromSettings(
  settings: StorageSettings,
  options: Pick<StorageOptions, 'logger' | 'partBytes'>,
): Storage {
  return createStorage({
    ...options,
    endpoint: settings.S3_ENDPOINT,
    publicEndpoint: settings.S3_PUBLIC_ENDPOINT,
    region: settings.S3_REGION,
    accessKeyId: settings.S3_ACCESS_KEY_ID,
    secretAccessKey: settings.S3_SECRET_ACCESS_KEY,
    requestMs: settings.S3_TIMEOUT_MS,
    tries: settings.S3_TRIES,
  });
}

/** @throws ExportError CONFIGURATION_INVALID if only one of the two is given. */
function credentialsOf({
  accessKeyId,
  secretAccessKey,
}: StorageOptions): Pick<S3ClientConfig, 'credentials'> {
  if (accessKeyId === undefined && secretAccessKey === undefined) return {};
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { credentials: { accessKeyId, secretAccessKey } };
  }
  throw new ExportError('CONFIGURATION_INVALID', {
    params: { reason: 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are set together or not at all' },
  });
}

function clientOptions(options: StorageOptions, endpoint: string): S3ClientConfig {
  return {
    endpoint,
    region: options.region,
    ...credentialsOf(options),
    forcePathStyle: true,
    maxAttempts: options.tries ?? defaultTries,
    requestHandler: {
      requestTimeout: options.requestMs ?? defaultRequestMs,
      connectionTimeout: connectionMs,
      throwOnRequestTimeout: true,
    },
    // The receipt has a SHA-256 of the whole file; an additional CRC of each part would cost time and prove less.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}

function presign(signer: S3Client, options: DownloadOptions): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: options.bucket,
    Key: options.key,
    ResponseContentDisposition: contentDisposition(options.fileName, { type: 'attachment' }),
    ResponseContentType: options.contentType,
    ResponseCacheControl: 'private, no-store',
  });
  return getSignedUrl(signer, command, { expiresIn: options.expiresInSeconds });
}

/** Returns the options of the client for a request. */
function abortedBy(options: RequestOptions | undefined): { abortSignal?: AbortSignal } {
  return options?.signal === undefined ? {} : { abortSignal: options.signal };
}

async function* listObjects(
  client: S3Client,
  where: ListObjectsV2CommandInput,
  options: ListOptions | undefined,
): AsyncIterable<StoredObject> {
  const pages = paginateListObjectsV2({ client }, where, abortedBy(options));
  try {
    for await (const page of pages) {
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) {
          yield { key: Key, bytes: Size ?? 0, lastModified: LastModified ?? new Date(0) };
        }
      }
    }
  } catch (error) {
    throw storageFailure(error);
  }
}

async function* listUploads(
  client: S3Client,
  bucket: string,
  options: RequestOptions | undefined,
): AsyncIterable<UnfinishedUpload> {
  let KeyMarker: string | undefined;
  let UploadIdMarker: string | undefined;
  do {
    const page = await orStorageFailure(
      client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, KeyMarker, UploadIdMarker }),
        abortedBy(options),
      ),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) {
        yield { key: Key, uploadId: UploadId, initiated: Initiated ?? new Date(0) };
      }
    }
    KeyMarker = page.IsTruncated ? page.NextKeyMarker : undefined;
    UploadIdMarker = page.IsTruncated ? page.NextUploadIdMarker : undefined;
  } while (KeyMarker !== undefined);
}
