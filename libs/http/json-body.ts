import type { IncomingMessage } from 'node:http';
import { ExportError, type Language } from '@waybill/errors';
import { ClientDisconnected } from './disconnect.ts';

/** What reading a body needs of Koa's context. */
interface BodyContext {
  readonly req: IncomingMessage;
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/**
 * The JSON value of a request's body, of at most `limitBytes`. Reading stops at the first byte too many. Throws
 * ExportError: UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, MALFORMED_JSON.
 */
export async function readJsonBody(ctx: BodyContext, limitBytes: number): Promise<unknown> {
  const { headers } = ctx.req;
  const type = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (
    !jsonType.test(type) ||
    !/^utf-?8$/i.test(charset.exec(type)?.[1] ?? 'utf-8') ||
    encoding !== 'identity'
  ) {
    throw new ExportError('UNSUPPORTED_MEDIA_TYPE', {
      params: { expected: 'application/json; charset=utf-8' },
    });
  }
  if (Number(headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  return parse(await readBytes(ctx.req, limitBytes));
}

function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (conclude: () => void) => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      conclude();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.byteLength;
      chunks.push(chunk);
      if (length <= limitBytes) return;
      request.pause();
      settle(() => reject(tooLarge(limitBytes)));
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks, length)));
    const onGone = (cause?: Error) =>
      settle(() => reject(new ClientDisconnected('The client went away within its body.', { cause })));
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed({ en: 'it is not valid UTF-8', id: 'bukan UTF-8 yang sah' }, cause);
  }
  try {
    // JSON.parse gives any; it is whatever the client sent.
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw text.trim() === ''
      ? malformed({ en: 'it is empty', id: 'isinya kosong' }, cause)
      : malformed({ en: 'it does not parse', id: 'tidak dapat diurai' }, cause);
  }
}

function malformed(reason: Readonly<Record<Language, string>>, cause: unknown): ExportError {
  const translated = { en: { reason: reason.en }, id: { reason: reason.id } };
  return new ExportError('MALFORMED_JSON', { translated, cause });
}

function tooLarge(limitBytes: number): ExportError {
  return new ExportError('BODY_TOO_LARGE', { params: { limit_bytes: limitBytes } });
}
