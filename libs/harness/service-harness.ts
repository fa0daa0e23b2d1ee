import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentClaims, type DevelopmentIssuer } from '@waybill/auth';
import { eventId } from '@waybill/kafka';
import { createLogger, createMetrics, type Metrics } from '@waybill/observability';
import type { ExportActivity, ExportCompleted } from '@waybill/schemas';
import { createProbes, type Readiness, type RunningService, type ServiceContext } from '@waybill/service';
import { waitFor } from '@waybill/testbed';
import { collectEvents, type CollectedEvents } from './collected-events.ts';
import { Sandbox, type SandboxOptions } from './sandbox.ts';

type Settings = Readonly<Record<string, string>>;

export interface HarnessOptions<Config> extends SandboxOptions {
  readonly loadConfig: (environment: Settings) => Config;
  readonly start: (config: Config, context: ServiceContext) => Promise<RunningService>;
}

/** One run of the service: from `start` to `stop`. */
interface Run {
  readonly service: RunningService;
  readonly context: ServiceContext;
  readonly stopping: AbortController;
}

/** A service in this process, on the shared servers, in a sandbox of its own. */
export class ServiceHarness<Config> implements AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The settings that `start` uses by default. */
  readonly environment: Settings;
  /** Every line that the service has logged, at the lowest level, as JSON. */
  readonly log: string[] = [];
  readonly #options: HarnessOptions<Config>;
  readonly #issuer: DevelopmentIssuer;
  readonly #directory: string;
  #run: Run | undefined;
  #events: Promise<CollectedEvents> | undefined;

  private constructor(
    options: HarnessOptions<Config>,
    { sandbox, issuer, directory }: { sandbox: Sandbox; issuer: DevelopmentIssuer; directory: string },
  ) {
    this.#options = options;
    this.sandbox = sandbox;
    this.environment = sandbox.environment;
    this.#issuer = issuer;
    this.#directory = directory;
  }

  /** Prepares the sandbox and an issuer of tokens. The service is not started yet. */
  static async open<Config>(options: HarnessOptions<Config>): Promise<ServiceHarness<Config>> {
    const directory = await mkdtemp(join(tmpdir(), `waybill-${options.name}-`));
    const issuer = await startDevelopmentIssuer({ directory, port: 0 });
    const sandbox = await Sandbox.open({
      ...options,
      settings: {
        AUTH_JWKS_URL: issuer.jwksUrl,
        AUTH_ISSUER: issuer.issuer,
        AUTH_AUDIENCE: issuer.audience,
        ...options.settings,
      },
    });
    return new ServiceHarness(options, { sandbox, issuer, directory });
  }

  /** Returns the service's configuration, with some settings replaced. */
  config(settings: Settings = {}): Config {
    return this.#options.loadConfig({ ...this.environment, ...settings });
  }

  /** Returns a context for one run; its log lines go to `log`. */
  context(signal: AbortSignal = new AbortController().signal): ServiceContext {
    return {
      logger: createLogger({
        service: this.#options.name,
        level: 'debug',
        destination: { write: (line) => void this.log.push(line) },
      }),
      metrics: createMetrics(this.#options.name, { processMetrics: false }),
      probes: createProbes(),
      signal,
    };
  }

  /** Starts the service, with some settings replaced. Does not wait until it is ready. */
  async start(settings: Settings = {}): Promise<void> {
    if (this.#run !== undefined) throw new Error(`${this.#options.name} is already running.`);
    const stopping = new AbortController();
    const context = this.context(stopping.signal);
    const service = await this.#options.start(this.config(settings), context);
    this.#run = { service, context, stopping };
  }

  /** Resolves once every probe of the service passes. */
  async waitUntilReady(limitMs = 30_000): Promise<void> {
    await waitFor(async () => (await this.readiness()).ready, {
      limitMs,
      what: `${this.#options.name} to be ready`,
    });
  }

  /** Returns what the probes of the running service report. */
  readiness(): Promise<Readiness> {
    return this.#running().context.probes.check();
  }

  /** Returns the metrics of the running service. */
  get metrics(): Metrics {
    return this.#running().context.metrics;
  }

  /** Stops the service as its main file does on SIGTERM; does nothing if it is stopped. */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    run?.stopping.abort();
    await run?.service.stop();
  }

  /** Returns the origin of the running service, without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${this.#running().service.port ?? 0}`;
  }

  /** Returns the origin of /livez, /readyz and /metrics of the running service. */
  get operatorUrl(): string {
    return `http://127.0.0.1:${this.#running().service.operatorPort ?? 0}`;
  }

  #running(): Run {
    if (this.#run === undefined) throw new Error(`${this.#options.name} is not running.`);
    return this.#run;
  }

  /** Issues a token that the service accepts. */
  token(claims: DevelopmentClaims): Promise<string> {
    return this.#issuer.token(claims);
  }

  /** Sends a request as the person with these claims, or without a token. Redirects are not followed. */
  async request(
    path: string,
    claims: DevelopmentClaims | undefined,
    init: RequestInit = {},
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    if (claims !== undefined) headers.set('Authorization', `Bearer ${await this.token(claims)}`);
    return fetch(`${this.url}${path}`, { redirect: 'manual', ...init, headers });
  }

  /** Publishes the end of an export as intake, resolver or render does. */
  async publish(event: ExportCompleted): Promise<void> {
    await this.sandbox.producer.send('export.completed', {
      key: event.job_id,
      id: eventId(event.job_id, 'export.completed', event.attempt),
      type: 'export.completed',
      companyId: event.company_id,
      attempt: event.attempt,
      event,
      at: event.completed_at,
    });
  }

  /** Publishes a product event of another service. */
  async publishActivity(event: ExportActivity): Promise<void> {
    await this.sandbox.producer.send('export.activity', {
      key: event.company_id,
      id: eventId(event.job_id ?? event.company_id, event.name, 1),
      type: event.name,
      companyId: event.company_id,
      attempt: 1,
      event,
      at: event.at,
    });
  }

  /** Returns the events of this sandbox; starts to collect them at the first call. */
  events(): Promise<CollectedEvents> {
    this.#events ??= collectEvents(this.sandbox.kafka);
    return this.#events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Promise.all([this.sandbox[Symbol.asyncDispose](), this.#issuer.stop()]);
    await rm(this.#directory, { recursive: true, force: true });
  }
}
