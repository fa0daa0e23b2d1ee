import { kafkaSettings, versions, type Ports, type S3Keys, type ServerName } from '../native/index.ts';

/** The configuration of a container. */
export interface ContainerRecipe {
  readonly image: string;
  /** Container ports behind the first and the second loopback port. */
  readonly ports: readonly [first: number, second?: number];
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces the command of the image. */
  readonly command?: readonly string[];
}

/** The official images, in the versions of the native servers if those are the same programs. */
const IMAGES: Readonly<Record<ServerName, string>> = {
  kafka: `apache/kafka:${versions.kafka}`,
  registry: `apicurio/apicurio-registry:${versions.apicurio}`,
  mongo: 'mongo:8.0',
  redis: 'redis:7.2-alpine',
  s3: `versity/versitygw:${versions.versitygw}`,
  mail: `axllent/mailpit:${versions.mailpit}`,
};

/** Returns the setting that names another image for a server, such as WAYBILL_IMAGE_KAFKA. */
export const imageSetting = (server: ServerName): string => `WAYBILL_IMAGE_${server.toUpperCase()}`;

/** Returns the image in the setting of a server, or the official one. */
export function imageOf(server: ServerName, environment: NodeJS.ProcessEnv): string {
  const wanted = environment[imageSetting(server)] ?? '';
  return wanted === '' ? IMAGES[server] : wanted;
}

/** Converts settings such as `broker.session.timeout.ms` to KAFKA_BROKER_SESSION_TIMEOUT_MS for the official image. */
function kafkaEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );
}

function withoutImage(server: ServerName, ports: Ports, s3: S3Keys): Omit<ContainerRecipe, 'image'> {
  switch (server) {
    case 'kafka': {
      const advertised = `127.0.0.1:${String(ports.first)}`;
      const settings = kafkaSettings({ broker: '0.0.0.0:9092', controller: 'localhost:9093', advertised });
      return {
        ports: [9092],
        environment: {
          ...kafkaEnvironment(settings),
          KAFKA_HEAP_OPTS: '-Xmx384m',
          CLUSTER_ID: 'd2F5YmlsbC1jb250YWluZQ',
        },
      };
    }
    case 'registry':
      return {
        ports: [8080],
        environment: { APICURIO_DATASOURCE_URL: 'jdbc:h2:file:/tmp/registry;WRITE_DELAY=0' },
      };
    case 'mongo':
      return { ports: [27017], environment: {} };
    case 'redis':
      return {
        ports: [6379],
        environment: {},
        command: [
          'redis-server',
          '--appendonly',
          'yes',
          '--save',
          '',
          '--bind',
          '0.0.0.0',
          '--protected-mode',
          'no',
        ],
      };
    case 's3':
      return {
        ports: [7070],
        environment: { ROOT_ACCESS_KEY: s3.accessKeyId, ROOT_SECRET_KEY: s3.secretAccessKey },
        // The image has this directory.
        command: ['--port', ':7070', '--region', s3.region, '--quiet', 'posix', '/tmp/vgw'],
      };
    case 'mail':
      return {
        ports: [1025, 8025],
        environment: {},
        command: ['--database', '/tmp/inbox.db', '--max', '0', '--enable-chaos', '--disable-version-check'],
      };
  }
}

/** Returns the configuration of a server's container on these loopback ports. */
export function containerRecipe(
  server: ServerName,
  ports: Ports,
  s3: S3Keys,
  environment: NodeJS.ProcessEnv,
): ContainerRecipe {
  return { image: imageOf(server, environment), ...withoutImage(server, ports, s3) };
}
