import { readFileSync } from 'node:fs';
import { settingsTable } from '@waybill/config';
import { describe, expect, it } from 'vitest';
import { notifySettings } from './config.ts';

describe('README of notify', () => {
  it('lists every setting with its default, unit and reason', () => {
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    expect(readme).toContain(settingsTable(notifySettings));
  });
});
