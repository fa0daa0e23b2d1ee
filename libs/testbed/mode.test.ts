import { describe, expect, it } from 'vitest';
import { chooseMode, type Machine } from './mode.ts';

const MISSING =
  'The native servers need Maven (`mvn`), which is not on the PATH: install it (apt-get install maven).';

const machine = (missing: string | undefined, engine: boolean): Machine => ({
  missingForNative: () => Promise.resolve(missing),
  engineAnswers: () => Promise.resolve(engine),
});
const notCalled = (): Promise<never> => Promise.reject(new Error('called'));

describe('chooseMode', () => {
  it.each([undefined, ''])(
    'returns native if its tools are installed and WAYBILL_STACK is %o',
    async (wish) => {
      const tools: Machine = { ...machine(undefined, true), engineAnswers: notCalled };
      expect(await chooseMode(wish, tools)).toBe('native');
    },
  );

  it('returns containers if a tool is missing and a container engine answers', async () => {
    expect(await chooseMode(undefined, machine(MISSING, true))).toBe('containers');
  });

  it('returns the mode in WAYBILL_STACK without checking the other mode', async () => {
    expect(
      await chooseMode('containers', {
        missingForNative: notCalled,
        engineAnswers: () => Promise.resolve(true),
      }),
    ).toBe('containers');
    expect(await chooseMode('native', { ...machine(undefined, true), engineAnswers: notCalled })).toBe(
      'native',
    );
  });

  it('throws one sentence that names the missing tool and how to install it', async () => {
    await expect(chooseMode('native', machine(MISSING, true))).rejects.toThrow(MISSING);
    const both = chooseMode(undefined, machine(MISSING, false));
    await expect(both).rejects.toThrow(
      'The native servers need Maven (`mvn`), which is not on the PATH: install it (apt-get install maven), or run a container engine such as Docker, or give the addresses in the environment.',
    );
    await expect(chooseMode('containers', machine(undefined, false))).rejects.toThrow(
      'apt-get install docker.io',
    );
  });

  it('throws for an unknown mode', async () => {
    await expect(chooseMode('podman', machine(undefined, true))).rejects.toThrow(
      'WAYBILL_STACK is "podman", expected native or containers.',
    );
  });
});
