import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineSettings, integer, listOf, setting, settingsTable, text } from './index.ts';
import * as fragments from './index.ts';

const schema = defineSettings({
  PART_BYTES: setting(integer().default(8_388_608), { reason: 'Size of a part.', unit: 'bytes' }),
  API_KEY: setting(text().default('hunter2'), { reason: 'A key.', secret: true }),
  PREFIX: setting(z.string().default(''), { reason: 'A prefix: a | b.' }),
  KINDS: setting(listOf(['a', 'b']), { reason: 'Documented inside.' }).default(['a', 'b']),
  PLACE: setting(text().optional(), { reason: 'A place.' }),
  URL: setting(text(), { reason: 'An address.' }),
});

describe('settingsTable', () => {
  it('has one row for each setting, with default, unit and reason', () => {
    expect(settingsTable(schema).split('\n')).toEqual([
      '| Setting      | Default   | Unit  | Reason             |',
      '| ------------ | --------- | ----- | ------------------ |',
      '| `PART_BYTES` | `8388608` | bytes | Size of a part.    |',
      '| `API_KEY`    | secret    |       | A key.             |',
      '| `PREFIX`     | empty     |       | A prefix: a \\| b.  |',
      '| `KINDS`      | `a,b`     |       | Documented inside. |',
      '| `PLACE`      | not set   |       | A place.           |',
      '| `URL`        | required  |       | An address.        |',
    ]);
  });

  it('has the layout of prettier, so that a README can contain it unchanged', async () => {
    const table = settingsTable(schema);
    expect(await format(table, { parser: 'markdown', printWidth: 110 })).toBe(`${table}\n`);
  });

  it('throws the names of the settings without a reason', () => {
    expect(() => settingsTable(defineSettings({ BARE: text(), PLAIN: integer() }))).toThrow(
      'These settings have no reason: BARE, PLAIN.',
    );
  });

  it('has a reason for every shared setting', () => {
    const shape = {
      ...fragments.kafkaSettings,
      ...fragments.topicSettings,
      ...fragments.mongoSettings('intake'),
      ...fragments.crmSettings,
      ...fragments.redisSettings,
      ...fragments.s3Settings,
      ...fragments.httpSettings,
      ...fragments.authSettings,
      ...fragments.keySettings,
      ...fragments.logSettings,
    };
    const table = settingsTable(defineSettings(shape));
    for (const name of Object.keys(shape)) expect(table).toContain(`| \`${name}\``);
    expect(table).toContain('waybill_intake');
  });
});
