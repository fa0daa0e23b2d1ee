import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch, LaunchOptions, Ports, SecureListener } from '../types.ts';
import { javaOptions, SIMPLE_LOG } from './java.ts';

/** Any 16 bytes in base64url. Each broker is a separate cluster. */
const CLUSTER_ID = 'd2F5YmlsbC1uYXRpdmU1Ng';
/** The largest message of a topic (max.message.bytes of export.batches, 20 MiB), and 1 MiB for its frame. */
const MESSAGE_MAX_BYTES = 21 * 1024 * 1024;

/** The addresses of a broker that is its own controller, each as `host:port`. Clients use `advertised`. */
export interface KafkaListeners {
  readonly broker: string;
  readonly advertised: string;
  readonly controller: string;
}

/**
 * Returns the settings of a broker that is its own controller. With the static `controller.quorum.voters` the data contains
 * no port, so a formatted directory can be copied and started on any port.
 */
export function kafkaSettings(listeners: KafkaListeners): Readonly<Record<string, string>> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${listeners.controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${listeners.broker},CONTROLLER://${listeners.controller}`,
    'advertised.listeners': `PLAINTEXT://${listeners.advertised}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    // One node: every internal topic has one replica.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // A consumer group starts at once instead of waiting 3 s for more members.
    'group.initial.rebalance.delay.ms': '0',
    // A misspelt topic name must fail instead of creating a topic.
    'auto.create.topics.enable': 'false',
    // A killed broker can join again after its old session ends: after 3 s instead of 9.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'message.max.bytes': String(MESSAGE_MAX_BYTES),
    'replica.fetch.max.bytes': String(MESSAGE_MAX_BYTES),
  };
}

/** Adds a listener with TLS and SASL. The one without stays, for probes and for the broker itself. */
function withSecureListener(
  settings: Readonly<Record<string, string>>,
  { address, settings: own }: SecureListener,
): Readonly<Record<string, string>> {
  return {
    ...settings,
    listeners: `${settings['listeners'] ?? ''},SASL_SSL://${address}`,
    'advertised.listeners': `${settings['advertised.listeners'] ?? ''},SASL_SSL://${address}`,
    'listener.security.protocol.map': `${settings['listener.security.protocol.map'] ?? ''},SASL_SSL:SASL_SSL`,
    ...own,
  };
}

/** Returns the text of the settings file of a native broker. */
export function serverProperties(ports: Ports, logDirectory: string, secure?: SecureListener): string {
  const broker = `127.0.0.1:${String(ports.first)}`;
  const listeners = { broker, advertised: broker, controller: `127.0.0.1:${String(ports.second)}` };
  const plain = { ...kafkaSettings(listeners), 'log.dirs': logDirectory };
  return Object.entries(secure === undefined ? plain : withSecureListener(plain, secure))
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Formats a data directory during the build, so that a start only copies it. */
export async function formatStorage(
  target: string,
  run: (command: string, args: readonly string[]) => Promise<void>,
): Promise<void> {
  const properties = join(target, 'format.properties');
  // Formatting does not use the ports.
  await writeFile(properties, serverProperties({ first: 9092, second: 9093 }, join(target, 'formatted')));
  await run('java', [
    ...javaOptions('256m'),
    '-cp',
    join(target, 'lib', '*'),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    CLUSTER_ID,
    '-c',
    properties,
  ]);
}

export async function launchKafka(options: LaunchOptions): Promise<Launch> {
  const built = join(options.built, 'kafka');
  const logs = join(options.dataDirectory, 'logs');
  await mkdir(logs, { recursive: true });
  // `force: false` keeps the files of a directory that was used before.
  await cp(join(built, 'formatted'), logs, { recursive: true, force: false });
  const properties = join(options.dataDirectory, 'server.properties');
  await writeFile(properties, serverProperties(options.ports, logs, options.secureListener));
  return {
    command: 'java',
    args: [
      ...javaOptions('384m'),
      ...SIMPLE_LOG,
      '-Dorg.slf4j.simpleLogger.log.kafka.server=info',
      '-cp',
      join(built, 'lib', '*'),
      'kafka.Kafka',
      properties,
    ],
  };
}
