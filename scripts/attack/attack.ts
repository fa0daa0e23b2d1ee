import { connect } from 'node:net';
import { asError } from '@waybill/errors';

/** An answer as an attacker sees it. */
export interface Answer {
  /** 0 if the connection was closed without an answer. */
  readonly status: number;
  /** Each header on a line. */
  readonly headers: string;
  readonly body: string;
}

/** One request, and what a sound service answers. */
export interface Attack {
  readonly name: string;
  readonly expected: readonly number[];
  readonly send: () => Promise<Answer>;
}

export interface RequestOptions {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is a text. */
  readonly body?: unknown;
}

/** The longest wait for an answer. Slower than every time limit of the service. */
const answerMs = 60_000;

/** Sends a request. Redirects are not followed. */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', token, headers = {}, body } = options;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(answerMs),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  return { status: response.status, headers: lines.join('\n'), body: await response.text() };
}

/** Sends bytes that no HTTP client would send, and reads until the connection ends or the first answer is complete. */
export function sendRaw(url: string, bytes: string): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    const finish = (): void => {
      socket.destroy();
      resolve(parse(text));
    };
    socket.setEncoding('utf8');
    socket.setTimeout(answerMs, finish);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (part) => {
      text += String(part);
      if (isComplete(text)) finish();
    });
    socket.on('error', (error) => {
      text ||= asError(error).message;
      finish();
    });
    socket.on('close', finish);
  });
}

/** Returns whether an answer has all the bytes that its Content-Length announces. */
function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(text.slice(0, Math.max(end, 0)))?.[1];
  return end >= 0 && length !== undefined && Buffer.byteLength(text.slice(end + 4)) >= Number(length);
}

function parse(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0),
    headers: head.split('\r\n').slice(1).join('\n'),
    body: rest.join('\r\n\r\n'),
  };
}
