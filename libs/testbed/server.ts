import type { ServerName } from './native/index.ts';
import type { ServerRunner, ServerRun } from './runner.ts';
import { probe } from './probes/probe.ts';
import { TestbedError, type Addresses, type RunningServer, type StopKind } from './types.ts';
import { waitFor } from './wait.ts';

/** A start takes 1 to 3 s. The limit is for slow or busy machines. */
const START_LIMIT_MS = 90_000;

/** A server that can be stopped and started again at the same address. */
export class Server implements RunningServer {
  readonly name: ServerName;
  readonly addresses: Partial<Addresses>;
  readonly #runner: ServerRunner;
  #run: ServerRun | undefined;
  #id = '';
  #running = false;

  constructor(name: ServerName, addresses: Partial<Addresses>, runner: ServerRunner) {
    this.name = name;
    this.addresses = addresses;
    this.#runner = runner;
  }

  /** A function, because the value changes while we wait. */
  readonly #isRunning = (): boolean => this.#running;

  get id(): string {
    return this.#id;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    try {
      await this.#startRun();
      await this.#untilHealthy();
    } catch (error) {
      const tail = await this.logTail();
      await this.stop('hard');
      const reason = error instanceof Error ? error.message : String(error);
      const log = tail === '' ? '' : `. The end of its log:\n${tail}`;
      throw new TestbedError(`${this.name} did not start: ${reason}${log}`, { cause: error });
    }
  }

  async #startRun(): Promise<void> {
    const run = await this.#runner.start();
    this.#run = run;
    this.#id = run.id;
    this.#running = true;
    void run.ended.then(() => {
      if (this.#run === run) this.#running = false;
    });
  }

  async #untilHealthy(): Promise<void> {
    const end = await waitFor(
      async () => {
        if (!this.#isRunning()) return 'ended';
        await probe(this.addresses);
        // Another program at this address may have answered.
        return this.#isRunning() ? 'healthy' : 'ended';
      },
      { limitMs: START_LIMIT_MS, everyMs: 25, what: `${this.name} to answer` },
    );
    if (end === 'ended') throw new Error('it ended by itself');
  }

  async stop(kind: StopKind = 'soft'): Promise<void> {
    if (this.#run === undefined || !this.#running) return;
    await this.#run.stop(kind);
    this.#running = false;
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    if (this.#run === undefined || !this.#running) {
      throw new TestbedError(`${this.name} is stopped: nothing can be sent ${signal}.`);
    }
    await this.#run.signal(signal);
  }

  logTail(): Promise<string> {
    return this.#runner.logTail();
  }

  async discard(): Promise<void> {
    await this.stop();
    await this.#runner.remove();
  }
}
