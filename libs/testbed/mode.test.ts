import { describe, expect, it } from 'vitest';
import { chooseMode, type Machine } from './mode.ts';

const MISSING =
  'The native servers need Maven (`mvn`), which is not on the PATH: install it (apt-get install maven).';

const machine = (missing: string | undefined, engine: boolean): Machine => ({
  missingForNative: () => Promise.resolve(missing),
  engineAnswers: () => Promise.resolve(engine),
});
const unasked = (): Promise<never> => Promise.reject(new Error('asked'));

describe('the mode', () => {
  it.each([undefined, ''])('is native where its tools are there and nothing is said (%o)', async (wish) => {
    const tools: Machine = { ...machine(undefined, true), engineAnswers: unasked };
    expect(await chooseMode(wish, tools)).toBe('native');
  });

  it('is containers where a tool is missing and an engine answers', async () => {
    expect(await chooseMode(undefined, machine(MISSING, true))).toBe('containers');
  });

  it('is what WAYBILL_STACK says, without a look at the other', async () => {
    expect(
      await chooseMode('containers', {
        missingForNative: unasked,
        engineAnswers: () => Promise.resolve(true),
      }),
    ).toBe('containers');
    expect(await chooseMode('native', { ...machine(undefined, true), engineAnswers: unasked })).toBe(
      'native',
    );
  });

  it('fails with one sentence that names the tool and how to get it', async () => {
    await expect(chooseMode('native', machine(MISSING, true))).rejects.toThrow(MISSING);
    const both = chooseMode(undefined, machine(MISSING, false));
    await expect(both).rejects.toThrow(
      'The native servers need Maven (`mvn`), which is not on the PATH: install it (apt-get install maven), or run a container engine such as Docker, or give the addresses in the environment.',
    );
    await expect(chooseMode('containers', machine(undefined, false))).rejects.toThrow(
      'apt-get install docker.io',
    );
  });

  it('fails for a word that it does not know', async () => {
    await expect(chooseMode('podman', machine(undefined, true))).rejects.toThrow(
      'WAYBILL_STACK is "podman", expected native or containers.',
    );
  });
});
