import { TestbedError, type Mode } from './types.ts';

/** The properties of the machine that decide the mode. Each is checked only if it is needed. */
export interface Machine {
  /** Returns one sentence that names what native mode lacks, or undefined if it lacks nothing. */
  readonly missingForNative: () => Promise<string | undefined>;
  /** Returns whether a container engine answers. */
  readonly engineAnswers: () => Promise<boolean>;
}

const ENGINE_HINT = 'or run a container engine such as Docker, or give the addresses in the environment';

/**
 * Returns the mode in WAYBILL_STACK. Without it, returns native if its tools are installed, else containers if an engine
 * answers.
 *
 * @throws TestbedError with one sentence that names what is missing and how to install it.
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
