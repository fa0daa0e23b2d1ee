import { TestbedError, type Mode } from './types.ts';

/** What has to be known of the machine to choose; each is asked only when it matters. */
export interface Machine {
  /** One sentence that names what native mode lacks; undefined where it lacks nothing. */
  readonly missingForNative: () => Promise<string | undefined>;
  /** Whether a container engine answers. */
  readonly engineAnswers: () => Promise<boolean>;
}

const ENGINE_HINT = 'or run a container engine such as Docker, or give the addresses in the environment';

/**
 * The way to run the servers: as WAYBILL_STACK says, else native where its tools are there, else containers where an
 * engine answers.
 *
 * @throws TestbedError with one sentence that names what is missing and how to get it.
 */
export async function chooseMode(wish: string | undefined, machine: Machine): Promise<Mode> {
  switch (wish) {
    case 'native': {
      const missing = await machine.missingForNative();
      if (missing !== undefined) throw new TestbedError(missing);
      return 'native';
    }
    case 'containers':
      if (await machine.engineAnswers()) return 'containers';
      throw new TestbedError(
        'WAYBILL_STACK=containers needs a container engine and none answers: start Docker (apt-get install docker.io), or unset WAYBILL_STACK.',
      );
    case undefined:
    case '': {
      const missing = await machine.missingForNative();
      if (missing === undefined) return 'native';
      if (await machine.engineAnswers()) return 'containers';
      throw new TestbedError(`${missing.replace(/\.$/, '')}, ${ENGINE_HINT}.`);
    }
    default:
      throw new TestbedError(`WAYBILL_STACK is "${wish}", expected native or containers.`);
  }
}
