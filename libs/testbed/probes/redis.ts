import { endpointOf, exchange } from './socket.ts';

export async function probeRedis(url: string): Promise<void> {
  const reply = await exchange(endpointOf(url), '*1\r\n$4\r\nPING\r\n', (received) => {
    const text = received.toString('latin1');
    return text.endsWith('\r\n') ? text.trim() : undefined;
  });
  // While it reads its append-only file the reply is "-LOADING …".
  if (reply !== '+PONG') throw new Error(`the reply to PING is ${reply}`);
}
