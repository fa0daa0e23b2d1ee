import type { Ports, S3Keys, ServerName } from './native/index.ts';
import type { Addresses } from './types.ts';

/** The address of a server that was started on these loopback ports. */
export function localAddresses(server: ServerName, ports: Ports, s3: S3Keys): Partial<Addresses> {
  const first = `127.0.0.1:${String(ports.first)}`;
  const second = `127.0.0.1:${String(ports.second)}`;
  switch (server) {
    case 'kafka':
      return { kafka: { brokers: first } };
    case 'registry':
      return { registry: { url: `http://${first}/apis/ccompat/v7` } };
    case 'mongo':
      return { mongo: { url: `mongodb://${first}` } };
    case 'redis':
      return { redis: { url: `redis://${first}` } };
    case 's3':
      return { s3: { endpoint: `http://${first}`, ...s3 } };
    case 'mail':
      return { smtp: { url: `smtp://${first}` }, inbox: { url: `http://${second}` } };
  }
}
