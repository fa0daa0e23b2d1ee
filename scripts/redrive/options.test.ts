import { describe, expect, it } from 'vitest';
import { readRedriveOptions } from './options.ts';

describe('readRedriveOptions', () => {
  it.each([
    [['--all'], { ids: undefined, dryRun: false }],
    [['--id', 'a', '--id', 'b', '--id', 'a'], { ids: new Set(['a', 'b']), dryRun: false }],
    [['--dry-run'], { ids: undefined, dryRun: true }],
    [['--dry-run', '--id', 'a'], { ids: new Set(['a']), dryRun: true }],
  ])('accepts %j', (args, options) => {
    const read = readRedriveOptions(['--service', 'history', ...args]);
    expect(read).toEqual({ service: 'history', json: false, ...options });
  });

  it.each([
    [['--all'], '--service is missing'],
    [['--service', 'notify'], 'say which'],
    [['--service', 'notify', '--all', '--id', 'a'], 'exclude each other'],
    [['--service', 'render', '--all'], 'POST /iag/v1/contacts/export/JOB_ID/retry'],
    [['--service', 'resolver', '--dry-run'], 'POST /iag/v1/contacts/export/JOB_ID/retry'],
    [['--service', 'billing', '--all'], 'not one of intake, notify, history'],
    [['--service', 'notify', '--al'], "Unknown option '--al'"],
  ])('returns a text that names the fault for %j', (args, fault) => {
    expect(readRedriveOptions(args)).toContain(fault);
  });
});
