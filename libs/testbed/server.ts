import type { ServerName } from './native/index.ts';
import type { Habitat, Life } from './life.ts';
import { probe } from './probes/probe.ts';
import { TestbedError, type Addresses, type RunningServer, type StopKind } from './types.ts';
import { waitFor } from './wait.ts';

/** Far more than a start takes (1–3 s), for machines that are slow or busy. */
const START_LIMIT_MS = 90_000;

/** A server with an address that outlives its lives: it is stopped and started at the same place. */
export class Server implements RunningServer {
  readonly name: ServerName;
  readonly addresses: Partial<Addresses>;
  readonly #habitat: Habitat;
  #life: Life | undefined;
  #id = '';
  #alive = false;

  constructor(name: ServerName, addresses: Partial<Addresses>, habitat: Habitat) {
    this.name = name;
    this.addresses = addresses;
    this.#habitat = habitat;
  }

  /** Read each time: it changes while we wait. */
  readonly #isAlive = (): boolean => this.#alive;

  get id(): string {
    return this.#id;
  }

  async start(): Promise<void> {
    if (this.#alive) return;
    try {
      await this.#live();
      await this.#untilHealthy();
    } catch (error) {
      const tail = await this.logTail();
      await this.stop('hard');
      const reason = error instanceof Error ? error.message : String(error);
      const log = tail === '' ? '' : `. The end of its log:\n${tail}`;
      throw new TestbedError(`${this.name} did not start: ${reason}${log}`, { cause: error });
    }
  }

  async #live(): Promise<void> {
    const life = await this.#habitat.begin();
    this.#life = life;
    this.#id = life.id;
    this.#alive = true;
    void life.gone.then(() => {
      if (this.#life === life) this.#alive = false;
    });
  }

  async #untilHealthy(): Promise<void> {
    const end = await waitFor(
      async () => {
        if (!this.#isAlive()) return 'ended';
        await probe(this.addresses);
        // Another program at this address may have answered instead.
        return this.#isAlive() ? 'healthy' : 'ended';
      },
      { limitMs: START_LIMIT_MS, everyMs: 25, what: `${this.name} to answer` },
    );
    if (end === 'ended') throw new Error('it ended by itself');
  }

  async stop(kind: StopKind = 'soft'): Promise<void> {
    if (this.#life === undefined || !this.#alive) return;
    await this.#life.stop(kind);
    this.#alive = false;
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    if (this.#life === undefined || !this.#alive) {
      throw new TestbedError(`${this.name} is stopped: nothing can be sent ${signal}.`);
    }
    await this.#life.signal(signal);
  }

  logTail(): Promise<string> {
    return this.#habitat.logTail();
  }

  async discard(): Promise<void> {
    await this.stop();
    await this.#habitat.remove();
  }
}
