import { request, sendRaw, type Answer, type Attack } from './attack.ts';
import type { Target } from './target.ts';

/** Returns clients that hold a connection without finishing, and clients that never stop. */
export function slowAttacks(target: Target): readonly Attack[] {
  return [...unfinished(target), ...tireless(target)];
}

/** A connection that does not finish its request is answered or closed within the time limits of the service. */
function unfinished({ urls, attacker: token }: Target): readonly Attack[] {
  const head = `POST /iag/v1/contacts/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const starts: readonly (readonly [string, string])[] = [
    ['half a request line', 'GET /iag'],
    ['half of its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: '],
    ['no body', `${head}Content-Length: 100\r\n\r\n`],
    ['half of its body', `${head}Content-Length: 100\r\n\r\n{"criterion":`],
    ['half of a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n10\r\n{"a"`],
  ];
  return (['intake', 'history'] as const).flatMap((service) =>
    starts.map(([name, bytes]): Attack => ({
      name: `${name} at ${service}`,
      expected: service === 'intake' ? [0, 408] : [0, 404, 408],
      send: () => sendRaw(urls[service] ?? '', bytes),
    })),
  );
}

/** More of a kind than a person may have. */
function tireless({ urls, attacker: token, jobId }: Target): readonly Attack[] {
  const search = () =>
    request(`${urls.intake ?? ''}/iag/v1/contacts/search`, { method: 'POST', token, body: { limit: 1 } });
  return [
    { name: 'searches without an end', expected: [429], send: () => untilRefused(search, 2_000) },
    {
      name: 'event streams without an end',
      expected: [429],
      send: () => openStreams(`${urls.notify ?? ''}/iag/v1/notifications/stream`, token),
    },
    {
      name: 'clicks without an end',
      expected: [302],
      send: () =>
        untilRefused(
          () => request(`${urls.history ?? ''}/iag/v1/contacts/export/history/${jobId}/download`, { token }),
          20,
        ),
    },
  ];
}

/** Repeats a request until it is answered with 429, and returns the last answer. */
async function untilRefused(send: () => Promise<Answer>, most: number): Promise<Answer> {
  let answer = await send();
  for (let times = 1; times < most && answer.status !== 429; times += 1) answer = await send();
  return answer;
}

/** Opens event streams until one is refused. */
async function openStreams(url: string, token: string): Promise<Answer> {
  const closing = new AbortController();
  try {
    for (let streams = 0; streams < 200; streams += 1) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(url, { headers, signal: closing.signal });
      if (response.status !== 200) {
        return { status: response.status, headers: '', body: await response.text() };
      }
    }
    return { status: 200, headers: '', body: '' };
  } finally {
    closing.abort();
  }
}
