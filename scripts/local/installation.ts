import { join } from 'node:path';
import type { Logger } from '@waybill/observability';
import { freePort } from './free-port.ts';
import { prepareServers } from './prepare.ts';
import { startService, type ServiceName, type ServiceProcess } from './service-process.ts';
import { serviceEnvironment, type InstallationSettings } from './settings.ts';

/** All services, on servers that are running. */
export interface Installation {
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>;
  stop(): Promise<void>;
}

export interface InstallationOptions extends Omit<InstallationSettings, 'publicUrl'> {
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** Preferred ports. A free port is used if one is absent or in use. */
  readonly preferredPorts?: Readonly<Partial<Record<ServiceName, number>>>;
  readonly onEvent: (line: string) => void;
}

const names = ['intake', 'resolver', 'render', 'notify', 'history'] as const satisfies readonly ServiceName[];

/** A start takes 1 to 2 s. The limit is for slow or busy machines. */
const readyLimitMs = 60_000;

/** Creates topics, schemas and buckets, starts every service and waits until all are ready. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const historyPort = await freePort(options.preferredPorts?.history);
  const settings: InstallationSettings = { ...options, publicUrl: `http://127.0.0.1:${historyPort}` };
  await prepareServers(settings, options.logger);
  const start = async (name: ServiceName): Promise<ServiceProcess> =>
    startService({
      name,
      environment: serviceEnvironment(name, settings),
      port: name === 'history' ? historyPort : await freePort(options.preferredPorts?.[name]),
      logDirectory: join(options.stateDirectory, 'logs'),
      onEvent: options.onEvent,
    });
  const [intake, resolver, render, notify, history] = await Promise.all([
    start('intake'),
    start('resolver'),
    start('render'),
    start('notify'),
    start('history'),
  ]);
  const services = { intake, resolver, render, notify, history };
  const stop = async (): Promise<void> => {
    await Promise.all(names.map((name) => services[name].stop()));
  };
  try {
    await Promise.all(names.map((name) => services[name].untilReady(readyLimitMs)));
    return { services, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
