import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { defineSettings, loadSettings, logSettings, type Environment } from '@waybill/config';
import { createLogger, createMetrics, type Logger } from '@waybill/observability';
import { delayAfter } from './back-off.ts';
import { installFetch } from './fetch.ts';
import { createProbes } from './probes.ts';
import { watchProcess } from './process-events.ts';
import type { RunningService, ServiceContext } from './types.ts';

export interface MainOptions<C> {
  /** The service's name: in log lines and metrics. */
  readonly name: string;
  readonly loadConfig: (environment: Environment) => C;
  readonly start: (config: C, context: ServiceContext) => Promise<RunningService>;
  /** How long stopping may take; 25 s by default, since orchestrators kill after 30 s. */
  readonly stopLimitMs?: number;
}

const defaultStopLimitMs = 25_000;

/**
 * Runs a service: reads the environment, starts the service, logs `service ready` with its ports when /readyz first
 * answers 200, and stops it on SIGTERM or SIGINT. Exits with 0 after a clean stop, with 130 on a second SIGINT, and with
 * 1 if settings are wrong, the start fails, an error is not handled or stopping takes too long.
 */
export async function runMain<C>(options: MainOptions<C>): Promise<void> {
  installFetch();
  const { config, logger } = configure(options);
  const signal = watchProcess({ logger, stopLimitMs: options.stopLimitMs ?? defaultStopLimitMs });
  try {
    await run(options, config, { logger, signal });
  } catch (error) {
    logger.fatal({ error }, 'service failed');
    process.exit(1);
  }
  logger.info({}, 'service stopped');
  process.exit(0);
}

function configure<C>({ name, loadConfig }: MainOptions<C>): { readonly config: C; readonly logger: Logger } {
  try {
    // The service's settings first: their faults are listed together, including LOG_LEVEL.
    const config = loadConfig(process.env);
    const { LOG_LEVEL } = loadSettings(defineSettings(logSettings), process.env);
    return { config, logger: createLogger({ service: name, level: LOG_LEVEL }) };
  } catch (error) {
    createLogger({ service: name }).fatal({ error }, 'settings are not valid');
    process.exit(1);
  }
}

type Phase = 'starting' | 'running' | 'stopping';

async function run<C>(
  { name, start }: MainOptions<C>,
  config: C,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  let phase: Phase = 'starting';
  const probes = createProbes();
  // Without it /readyz would answer 200 while the service is still starting, and while it stops.
  probes.add('service', () =>
    phase === 'running' ? Promise.resolve() : Promise.reject(new Error(`The service is ${phase}.`)),
  );
  const starting = start(config, { logger, metrics: createMetrics(name), probes, signal });
  const service = await starting.catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (service === undefined) return;
  if (!signal.aborted) {
    phase = 'running';
    const stopped = logWhenReady({ probes, logger, signal }, service).then(() => aborted(signal));
    await Promise.race([stopped, ...(service.failure === undefined ? [] : [service.failure])]);
  }
  phase = 'stopping';
  await service.stop();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Short delays first, because the person who starts a service waits for the line. Longer ones while a server is down. */
const pace = { fromMs: 100, toMs: 2_000 };

/**
 * Logs `service ready` when every dependency answers. Until then it logs the dependencies that fail, each time that they
 * change. Returns without `service ready` if the service stops first.
 */
async function logWhenReady(
  { probes, logger, signal }: Pick<ServiceContext, 'probes' | 'logger' | 'signal'>,
  { port, operatorPort }: RunningService,
): Promise<void> {
  // A function, because the value changes while we wait.
  const stopped = () => signal.aborted;
  let reported = '';
  for (let failures = 1; !stopped(); failures += 1) {
    const { ready, errors } = await probes.check();
    if (stopped()) return;
    if (ready) {
      logger.info(
        {
          ...(port === undefined ? {} : { http_port: port }),
          ...(operatorPort === undefined ? {} : { operator_port: operatorPort }),
        },
        'service ready',
      );
      return;
    }
    const missing = Object.keys(errors).sort();
    if (missing.join() !== reported) logger.warn({ waiting_for: missing, errors }, 'service not ready');
    reported = missing.join();
    // An aborted delay only means that the loop ends.
    await delay(delayAfter(failures, pace, Math.random()), undefined, { signal }).catch(() => undefined);
  }
}
