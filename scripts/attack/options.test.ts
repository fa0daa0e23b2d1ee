import { describe, expect, it } from 'vitest';
import { readAttackOptions } from './options.ts';
import { listNames } from './run-attacks.ts';

describe('readAttackOptions', () => {
  it('attacks the local installation by default', () => {
    expect(readAttackOptions([])).toEqual({ lists: listNames, json: false });
    expect(readAttackOptions(['--json'])).toEqual({ lists: listNames, json: true });
  });

  it('attacks a deployed installation with tokens of two companies', () => {
    const args = ['--url', 'https://crm.example/', '--token', 'a', '--other-token', 'b', '--json'];
    expect(readAttackOptions(args)).toEqual({
      deployed: { url: 'https://crm.example', token: 'a', otherToken: 'b' },
      lists: listNames,
      json: true,
    });
  });

  it('runs the chosen lists in their own order', () => {
    const options = readAttackOptions(['--only', 'slow', '--only', 'tokens']);
    expect(options).toEqual({ lists: ['tokens', 'slow'], json: false });
  });

  it.each([
    [['--url', 'https://crm.example'], 'go together'],
    [['--url', 'crm', '--token', 'a', '--other-token', 'b'], 'is not a URL'],
    [['--only', 'luck'], 'is not one of tokens'],
    [['--force'], '--force'],
  ])('returns what is wrong with %j', (args, reason) => {
    expect(readAttackOptions(args)).toContain(reason);
  });
});
