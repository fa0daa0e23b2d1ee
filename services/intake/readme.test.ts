import { readFileSync } from 'node:fs';
import { settingsTable } from '@waybill/config';
import { describe, expect, it } from 'vitest';
import { intakeSettings } from './config.ts';
import { operations } from './http/operations.ts';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

describe('README of intake', () => {
  it('contains the settings table of the code', () => {
    expect(readme).toContain(settingsTable(intakeSettings));
  });

  it('shows how to get every error code of the contract [S06-NEG]', () => {
    const codes = new Set(operations.flatMap((operation) => operation.codes));
    expect([...codes].filter((code) => !readme.includes(`| ${code} `))).toEqual([]);
  });
});
