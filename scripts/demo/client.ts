import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { contentTypes, type Format } from '@waybill/domain';
import { z } from 'zod';

/** The parts of the answers that the demo reads. An answer without them is an error that names the path. */
const count = z.object({ total: z.number(), by_field: z.record(z.string(), z.number()) });
const receipt = z.object({
  matched: z.number(),
  written: z.number(),
  skipped: z.number(),
  sha256: z.string(),
  bytes: z.number(),
  snapshot_at: z.string(),
  cells_truncated: count,
  cells_as_text: count,
  characters_replaced: count,
});
const statusBody = z.object({
  job_id: z.string(),
  status: z.string(),
  total_records: z.number().nullable(),
  failure_reason: z.unknown(),
  receipt: receipt.nullable(),
});
const acceptedBody = z.object({ job_id: z.string(), status: z.literal('queued'), email: z.string() });
const layoutBody = z.object({ id: z.string(), name: z.string(), fields: z.array(z.string()) });
const historyBody = z.object({ data: z.array(z.object({ job_id: z.string(), status: z.string() })) });
const notificationsBody = z.object({ data: z.array(z.object({ job_id: z.string(), origin: z.string() })) });

export type Receipt = z.infer<typeof receipt>;
export type Status = z.infer<typeof statusBody>;
export type Layout = z.infer<typeof layoutBody>;

/** A downloaded file and its headers. */
export interface Download {
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string | null;
  readonly disposition: string | null;
}

export interface Endpoints {
  readonly intake: string;
  readonly history: string;
  readonly notify: string;
  readonly inbox: string;
}

/** The HTTP requests of the demo. An unexpected answer is thrown with its body. */
export class ExportClient {
  readonly #endpoints: Endpoints;
  readonly #token: string;

  constructor(endpoints: Endpoints, token: string) {
    this.#endpoints = endpoints;
    this.#token = token;
  }

  async #json<S extends z.ZodType>(
    url: string,
    shape: S,
    request: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<z.infer<S>> {
    const { body, headers } = request;
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text}`);
    return shape.parse(JSON.parse(text));
  }

  defaultLayout(): Promise<Layout> {
    return this.#json(`${this.#endpoints.intake}/iag/v1/contacts/layouts/default`, layoutBody);
  }

  /** Starts an export. Repeating it with the same idempotency key returns the same job. */
  async accept(body: Readonly<Record<string, unknown>>, idempotencyKey?: string): Promise<string> {
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    const url = `${this.#endpoints.intake}/iag/v1/contacts/export`;
    return (await this.#json(url, acceptedBody, { body: JSON.stringify(body), headers })).job_id;
  }

  status(jobId: string): Promise<Status> {
    return this.#json(`${this.#endpoints.intake}/iag/v1/contacts/export/status/${jobId}`, statusBody);
  }

  async historyEntries(jobId: string): Promise<number> {
    const url = `${this.#endpoints.history}/iag/v1/contacts/export/history`;
    const { data } = await this.#json(url, historyBody);
    return data.filter((entry) => entry.job_id === jobId && entry.status === 'completed').length;
  }

  async notifications(jobId: string): Promise<number> {
    const { data } = await this.#json(`${this.#endpoints.notify}/iag/v1/notifications`, notificationsBody);
    return data.filter((entry) => entry.job_id === jobId && entry.origin === 'external_url').length;
  }

  /** Returns the number of emails to an address whose text contains the job id. */
  async emails(address: string, jobId: string): Promise<number> {
    const query = encodeURIComponent(`to:"${address}" "${jobId}"`);
    const shape = z.object({ messages_count: z.number() });
    return (await this.#json(`${this.#endpoints.inbox}/api/v1/search?query=${query}`, shape)).messages_count;
  }

  /** Follows history's redirect to the signed URL and stores the file. Returns undefined while history has no entry. */
  async download(jobId: string, path: string): Promise<Download | undefined> {
    const url = `${this.#endpoints.history}/iag/v1/contacts/export/history/${jobId}/download`;
    const redirect = await fetch(url, {
      headers: { authorization: `Bearer ${this.#token}` },
      redirect: 'manual',
    });
    const location = redirect.headers.get('location');
    // Every body is read, since Node's client can fail an assertion when a server closes a connection with an unread one.
    const answer = await redirect.text();
    if (redirect.status === 404) return undefined;
    if (redirect.status !== 302 || location === null) {
      throw new Error(`the download answered ${redirect.status}: ${answer}`);
    }
    const file = await fetch(location);
    if (!file.ok || file.body === null) throw new Error(`the storage answered ${file.status}`);
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      file.body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    return {
      bytes,
      sha256: hash.digest('hex'),
      contentType: file.headers.get('content-type'),
      disposition: file.headers.get('content-disposition'),
    };
  }
}

/** Returns whether the file has the media type of its format and is an attachment. */
export function hasRightHeaders(download: Download, format: Format): boolean {
  return (
    download.contentType === contentTypes[format] &&
    (download.disposition ?? '').startsWith('attachment; filename=')
  );
}
