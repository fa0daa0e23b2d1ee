import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { defineSettings, flag, integer, loadSettings, setting, text, url } from './index.ts';

const schema = defineSettings({
  MAIL_URL: setting(url('smtp', 'smtps'), { reason: 'The mail server.' }),
  MAIL_LIMIT: setting(integer({ min: 1, max: 100 }).default(10), {
    reason: 'Mails at the same time.',
    unit: 'mails',
  }),
  MAIL_PASSWORD: setting(text().optional(), { reason: 'Its password.', secret: true }),
  MAIL_QUIET: setting(flag().default(false), { reason: 'Sends nothing.' }),
});

function refusal(environment: Readonly<Record<string, string>>): ExportError {
  try {
    loadSettings(schema, environment);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('loadSettings', () => {
  it('returns typed values, and the default of each setting that is not set', () => {
    expect(loadSettings(schema, { MAIL_URL: 'smtp://127.0.0.1:25/', MAIL_QUIET: 'true' })).toEqual({
      MAIL_URL: 'smtp://127.0.0.1:25',
      MAIL_LIMIT: 10,
      MAIL_QUIET: true,
    });
  });

  it('treats an empty variable as not set', () => {
    const settings = loadSettings(schema, { MAIL_URL: 'smtp://h', MAIL_LIMIT: '', MAIL_PASSWORD: '' });
    expect(settings.MAIL_LIMIT).toBe(10);
    expect(settings.MAIL_PASSWORD).toBeUndefined();
  });

  it('omits variables that are not settings of the schema', () => {
    expect(loadSettings(schema, { MAIL_URL: 'smtp://h', HOME: '/home/x' })).not.toHaveProperty('HOME');
  });

  it('throws one message that lists every fault', () => {
    const error = refusal({ MAIL_LIMIT: '500', MAIL_QUIET: 'yes', MAIL_PASWORD: 'x' });
    expect(error.code).toBe('CONFIGURATION_INVALID');
    expect(error.message).toBe(
      [
        '4 settings are wrong:',
        '- MAIL_URL is missing: The mail server.',
        '- MAIL_LIMIT is wrong: expected a whole number from 1 to 100',
        '- MAIL_QUIET is wrong: expected true or false',
        '- MAIL_PASWORD is not a setting: did you mean MAIL_PASSWORD?',
      ].join('\n'),
    );
    expect(error.errors.map(({ path }) => path)).toEqual([
      'MAIL_URL',
      'MAIL_LIMIT',
      'MAIL_QUIET',
      'MAIL_PASWORD',
    ]);
  });

  it('throws a message without values, since some are secrets', () => {
    const error = refusal({ MAIL_URL: 'https://user:hunter2@host', MAIL_LIMIT: 'hunter2' });
    expect(JSON.stringify([error.message, error.errors, error.params])).not.toContain('hunter2');
  });

  it('throws a message in the singular for one fault', () => {
    expect(refusal({}).message).toBe('1 setting is wrong:\n- MAIL_URL is missing: The mail server.');
  });

  it('throws the fault of a rule about several settings', () => {
    const paired = schema.refine((settings) => !settings.MAIL_QUIET || settings.MAIL_LIMIT === 10, {
      error: 'MAIL_LIMIT has no effect if MAIL_QUIET is true',
      path: ['MAIL_LIMIT'],
    });
    expect(() => loadSettings(paired, { MAIL_URL: 'smtp://h', MAIL_QUIET: 'true', MAIL_LIMIT: '3' })).toThrow(
      '- MAIL_LIMIT is wrong: MAIL_LIMIT has no effect if MAIL_QUIET is true',
    );
  });
});
