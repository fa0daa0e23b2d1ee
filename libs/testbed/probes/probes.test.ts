import { describe, expect, it } from 'vitest';
import { brokerCount, isOk } from './probe.ts';
import { endpointOf } from './socket.ts';

/** Returns the start of a metadata response of version 1 with this number of brokers. */
function metadata(brokers: number): Buffer {
  const response = Buffer.alloc(16);
  response.writeInt32BE(12, 0);
  response.writeInt32BE(1, 4);
  response.writeInt32BE(brokers, 8);
  return response;
}

/** Returns a reply whose only field is `ok`. */
function reply(ok: number): Buffer {
  const message = Buffer.alloc(16 + 5 + 17);
  message.writeInt32LE(message.length, 0);
  message.write('\x01ok\0', 25, 'latin1');
  message.writeDoubleLE(ok, 29);
  return message;
}

/** Returns all incomplete starts of a message. */
const partials = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, length) => bytes.subarray(0, length));

describe('server probes', () => {
  it('count the brokers in a complete Kafka response, and wait for the rest of a partial one', () => {
    expect(brokerCount(metadata(1))).toBe(1);
    expect(brokerCount(metadata(0))).toBe(0);
    expect(
      partials(metadata(1))
        .map(brokerCount)
        .filter((count) => count !== undefined),
    ).toEqual([]);
  });

  it('accept only a complete MongoDB reply with ok: 1', () => {
    expect(isOk(reply(1))).toBe(true);
    expect(isOk(reply(0))).toBe(false);
    expect(
      partials(reply(1))
        .map(isOk)
        .filter((ok) => ok !== undefined),
    ).toEqual([]);
  });

  it.each([
    ['127.0.0.1:9092', { host: '127.0.0.1', port: 9092 }],
    ['one:9092,two:9093', { host: 'one', port: 9092 }],
    ['mongodb://db:27017/name', { host: 'db', port: 27017 }],
  ])('connect to the first address of %s', (address, endpoint) => {
    expect(endpointOf(address)).toEqual(endpoint);
  });
});
