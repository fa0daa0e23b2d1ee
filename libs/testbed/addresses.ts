import type { Ports, S3Keys, ServerName } from './native/index.ts';
import { type Addresses, TestbedError } from './types.ts';

/** Returns the address of a server on these loopback ports. */
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

/**
 * Returns the servers that all tests of a run share. The global set-up of vitest stores them in the environment.
 *
 * @throws TestbedError outside of a run with shared servers.
 */
export function sharedAddresses(environment: NodeJS.ProcessEnv = process.env): Addresses {
  const addresses = complete(fromEnvironment(environment));
  if (addresses !== undefined) return addresses;
  throw new TestbedError(
    'No shared servers: run under `vitest --project integration` or e2e, or set what `npm run stack -- env` prints.',
  );
}

/** The settings of the services for each server, in the order of the fields of `Addresses`. */
const SETTINGS: Readonly<Record<ServerName, readonly string[]>> = {
  kafka: ['KAFKA_BROKERS'],
  registry: ['SCHEMA_REGISTRY_URL'],
  mongo: ['MONGODB_URL'],
  redis: ['REDIS_URL'],
  s3: ['S3_ENDPOINT', 'S3_REGION', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
  mail: ['SMTP_URL', 'INBOX_URL'],
};

/** Returns the settings of the services for the servers in `addresses`. */
export function toEnvironment(addresses: Partial<Addresses>): Record<string, string> {
  const { kafka, registry, mongo, redis, s3, smtp, inbox } = addresses;
  return {
    ...(kafka && { KAFKA_BROKERS: kafka.brokers }),
    ...(registry && { SCHEMA_REGISTRY_URL: registry.url }),
    ...(mongo && { MONGODB_URL: mongo.url }),
    ...(redis && { REDIS_URL: redis.url }),
    ...(s3 && {
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: s3.region,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }),
    ...(smtp && { SMTP_URL: smtp.url }),
    ...(inbox && { INBOX_URL: inbox.url }),
  };
}

/** Returns the values of a server's settings, or undefined if none is set. An empty value counts as not set. */
function given(server: ServerName, environment: NodeJS.ProcessEnv): readonly string[] | undefined {
  const names = SETTINGS[server];
  const values = names.map((name) => environment[name] ?? '');
  if (values.every((value) => value === '')) return undefined;
  const missing = names.filter((_, index) => values[index] === '');
  if (missing.length > 0) {
    const set = names.filter((name) => !missing.includes(name)).join(', ');
    throw new TestbedError(
      `${set} is set without ${missing.join(', ')}: set all of ${names.join(', ')}, or none.`,
    );
  }
  return values;
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');

/**
 * Returns the addresses in the environment. Omits a server without settings.
 *
 * @throws TestbedError if the settings of a server are incomplete.
 */
export function fromEnvironment(environment: NodeJS.ProcessEnv): Partial<Addresses> {
  const [brokers] = given('kafka', environment) ?? [];
  const [registry] = given('registry', environment) ?? [];
  const [mongo] = given('mongo', environment) ?? [];
  const [redis] = given('redis', environment) ?? [];
  const [endpoint, region, accessKeyId, secretAccessKey] = given('s3', environment) ?? [];
  const [smtp, inbox] = given('mail', environment) ?? [];
  return {
    ...(brokers !== undefined && { kafka: { brokers } }),
    ...(registry !== undefined && { registry: { url: trimmed(registry) } }),
    ...(mongo !== undefined && { mongo: { url: mongo } }),
    ...(redis !== undefined && { redis: { url: redis } }),
    ...(endpoint !== undefined &&
      region !== undefined &&
      accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        s3: { endpoint: trimmed(endpoint), region, accessKeyId, secretAccessKey },
      }),
    ...(smtp !== undefined && { smtp: { url: trimmed(smtp) } }),
    ...(inbox !== undefined && { inbox: { url: trimmed(inbox) } }),
  };
}

/** Returns whether the addresses include this server. */
export function hasServer(addresses: Partial<Addresses>, server: ServerName): boolean {
  return server === 'mail' ? addresses.smtp !== undefined : addresses[server] !== undefined;
}

/** Returns all addresses, or undefined if one is missing. */
export function complete(addresses: Partial<Addresses>): Addresses | undefined {
  const { kafka, registry, mongo, redis, s3, smtp, inbox } = addresses;
  if (!kafka || !registry || !mongo || !redis || !s3 || !smtp || !inbox) return undefined;
  return { kafka, registry, mongo, redis, s3, smtp, inbox };
}
