import { readFileSync } from 'node:fs';
import { settingsTable } from '@waybill/config';
import { describe, expect, it } from 'vitest';
import { intakeSettings } from './config.ts';
import { operations } from './http/operations.ts';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('lists every setting as the code has it', () => {
    expect(readme).toContain(settingsTable(intakeSettings));
  });

  it('says how to meet every code that the contract names', () => {
    const codes = new Set(operations.flatMap((operation) => operation.codes));
    expect([...codes].filter((code) => !readme.includes(`| ${code} `))).toEqual([]);
  });
});
