import type { IncomingMessage } from 'node:http';
import { ExportError, type Language } from '@waybill/errors';
import { text } from 'co-body';
import { ClientDisconnected, isDisconnect } from './disconnect.ts';

/** The part of Koa's context that contains the body. */
interface BodyContext {
  readonly req: IncomingMessage;
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/**
 * Returns the JSON value of a request's body. Reading stops at the first byte after `limitBytes`.
 * @throws ExportError UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE or MALFORMED_JSON.
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

async function readBytes(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  try {
    // Without an encoding co-body returns the bytes: its decoder would replace what is not UTF-8.
    const bytes: unknown = await text(request, { limit: limitBytes, encoding: '' });
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError('co-body returned a text although no encoding was set.');
  } catch (error) {
    if (typeOf(error) === 'entity.too.large') throw tooLarge(limitBytes);
    if (typeOf(error) === undefined && !isDisconnect(error)) throw error;
    throw new ClientDisconnected('The client disconnected before it had sent its body.', { cause: error });
  }
}

/** Returns the type of an error of raw-body, such as `request.aborted`. */
function typeOf(error: unknown): unknown {
  return error instanceof Error && 'type' in error ? error.type : undefined;
}

function parse(bytes: Uint8Array): unknown {
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed({ en: 'it is not valid UTF-8', id: 'bukan UTF-8 yang sah' }, cause);
  }
  try {
    // JSON.parse gives any; it is whatever the client sent.
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw json.trim() === ''
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
