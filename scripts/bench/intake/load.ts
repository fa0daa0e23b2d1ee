import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** One request and its result. */
export interface Shot {
  /** The scheduled start, on the clock of `performance.now()`. */
  readonly startedMs: number;
  /** Time since the scheduled start, so that a late start counts as waiting (no coordinated omission). */
  readonly latencyMs: number;
  /** Undefined if the request was not accepted. */
  readonly jobId: string | undefined;
}

export interface LoadOptions {
  readonly url: string;
  /** Requests per second. */
  readonly rate: number;
  readonly body: string;
  /** One request is sent for each token. */
  readonly tokens: readonly string[];
}

/** Sends a request for each token, evenly spaced, without waiting for answers. */
export async function sendAtRate({ url, rate, body, tokens }: LoadOptions): Promise<readonly Shot[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const begin = performance.now();
  const shots: Promise<Shot>[] = [];
  for (const [index, token] of tokens.entries()) {
    const due = begin + (index * 1_000) / rate;
    const early = due - performance.now();
    if (early > 1) await delay(early);
    shots.push(send(url, { agent, token, body, due }));
  }
  const all = await Promise.all(shots);
  agent.destroy();
  return all;
}

interface Sending {
  readonly agent: Agent;
  readonly token: string;
  readonly body: string;
  readonly due: number;
}

function send(url: string, { agent, token, body, due }: Sending): Promise<Shot> {
  return new Promise((resolve) => {
    const settle = (jobId: string | undefined) =>
      resolve({ startedMs: due, latencyMs: performance.now() - due, jobId });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () =>
        settle(response.statusCode === 200 ? jobIdOf(Buffer.concat(chunks).toString()) : undefined),
      );
    });
    outgoing.once('error', () => settle(undefined));
    outgoing.end(body);
  });
}

function jobIdOf(text: string): string | undefined {
  return /"job_id":"([0-9a-f-]{36})"/.exec(text)?.[1];
}
