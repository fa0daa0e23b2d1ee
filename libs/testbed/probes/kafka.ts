import { endpointOf, exchange } from './socket.ts';

/** Metadata request, version 1, about no topic (Kafka protocol guide: api key 3). */
function metadataRequest(): Buffer {
  const clientId = Buffer.from('waybill-probe');
  const body = Buffer.alloc(14 + clientId.length);
  body.writeInt16BE(3, 0);
  body.writeInt16BE(1, 2);
  body.writeInt32BE(1, 4); // Correlation id.
  body.writeInt16BE(clientId.length, 8);
  clientId.copy(body, 10);
  body.writeInt32BE(0, 10 + clientId.length); // Topics: an empty array.
  const frame = Buffer.alloc(4);
  frame.writeInt32BE(body.length);
  return Buffer.concat([frame, body]);
}

/** Number of brokers in a metadata response, undefined until all of it is here. */
export function brokerCount(received: Buffer): number | undefined {
  if (received.length < 4) return undefined;
  const length = received.readInt32BE(0);
  // Size, correlation id, then the array of the brokers begins with its length.
  return received.length < 4 + length ? undefined : received.readInt32BE(8);
}

/** The broker answers, and counts itself as part of the cluster: topics can be made. */
export async function probeKafka(brokers: string): Promise<void> {
  const count = await exchange(endpointOf(brokers), metadataRequest(), brokerCount);
  if (count < 1) throw new Error('the broker answers, but has not joined its cluster yet');
}
