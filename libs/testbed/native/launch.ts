import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { SIMPLE_LOG, javaOptions } from './servers/java.ts';
import { launchKafka } from './servers/kafka.ts';
import { launchRedis } from './servers/redis.ts';
import type { Launch, LaunchOptions, ServerName } from './types.ts';

export function launchMail(options: LaunchOptions): Launch {
  return {
    command: join(options.built, 'mail', 'mailpit'),
    args: [
      ...['--smtp', `127.0.0.1:${String(options.ports.first)}`],
      ...['--listen', `127.0.0.1:${String(options.ports.second)}`],
      ...['--database', join(options.dataDirectory, 'inbox.db')],
      // No limit of stored emails, since tests count them.
      ...['--max', '0'],
      // Tests enable refusals with PUT /api/v1/chaos.
      '--enable-chaos',
      // Both need the network.
      ...['--disable-version-check', '--smtp-disable-rdns'],
    ],
  };
}

export function launchMongo(options: LaunchOptions): Launch {
  const built = join(options.built, 'mongo');
  const file = options.mongoBackend === 'h2' ? [join(options.dataDirectory, 'mongo.h2')] : [];
  return {
    command: 'java',
    args: [
      // 100,000 contacts need 0.75 GB, and the serial collector reserves a third of the heap for new objects. Unused heap is
      // not allocated. With a larger heap the serial collector pauses for seconds, so that clients time out.
      ...(options.mongoHeap === undefined ? javaOptions('2g') : javaOptions(options.mongoHeap, 'G1')),
      ...SIMPLE_LOG,
      '-cp',
      [join(built, 'classes'), join(built, 'lib', '*')].join(delimiter),
      'Mongo',
      '127.0.0.1',
      String(options.ports.first),
      ...file,
    ],
  };
}

export function launchRegistry(options: LaunchOptions): Launch {
  return {
    command: 'java',
    args: [
      ...javaOptions('256m'),
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${String(options.ports.first)}`,
      // A file instead of memory, so that schemas are kept after a restart and after a kill.
      `-Dapicurio.datasource.url=jdbc:h2:file:${join(options.dataDirectory, 'registry')};WRITE_DELAY=0`,
      // Lines of requests would displace the reason of a failure in the log.
      '-Dquarkus.http.access-log.enabled=false',
      '-jar',
      join(options.built, 'registry', 'runner.jar'),
    ],
  };
}

export async function launchS3(options: LaunchOptions): Promise<Launch> {
  const buckets = join(options.dataDirectory, 'buckets');
  const attributes = join(options.dataDirectory, 'attributes');
  await mkdir(buckets, { recursive: true });
  await mkdir(attributes, { recursive: true });
  return {
    command: join(options.built, 's3', 'versitygw'),
    args: [
      ...['--port', `127.0.0.1:${String(options.ports.first)}`, '--region', options.s3.region, '--quiet'],
      // Attributes in separate files, since the file system may not support extended attributes.
      ...['posix', '--sidecar', attributes, buckets],
    ],
    // In the environment, so that the list of processes does not show the keys.
    environment: { ROOT_ACCESS_KEY: options.s3.accessKeyId, ROOT_SECRET_KEY: options.s3.secretAccessKey },
  };
}

/** Prepares the data directory of a server and returns the process to start. */
export async function launch(server: ServerName, options: LaunchOptions): Promise<Launch> {
  switch (server) {
    case 'kafka':
      return launchKafka(options);
    case 'registry':
      return launchRegistry(options);
    case 'mongo':
      return launchMongo(options);
    case 'redis':
      return launchRedis(options);
    case 's3':
      return launchS3(options);
    case 'mail':
      return launchMail(options);
  }
}
