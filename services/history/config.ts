import {
  authSettings,
  crmSettings,
  defineSettings,
  deliverySettings,
  flag,
  httpSettings,
  integer,
  kafkaSettings,
  keySettings,
  loadSettings,
  logSettings,
  mongoSettings,
  s3Settings,
  setting,
  text,
  url,
  type Environment,
  type SettingsOf,
} from '@waybill/config';

/** Every setting of the service; README.md shows them as a table. */
export const historySettings = defineSettings({
  ...kafkaSettings,
  ...mongoSettings('history'),
  ...crmSettings,
  ...s3Settings,
  ...httpSettings,
  ...authSettings,
  ...keySettings,
  ...logSettings,
  PUBLIC_URL: setting(url('http', 'https'), {
    reason: 'The address under which a browser reaches the API; download links begin with it.',
  }),
  SIGN_IN_URL: setting(url('http', 'https').optional(), {
    reason: 'Where a browser without a session is sent, with return_to; a page says so where it is not set.',
  }),
  HISTORY_REGISTRAR_URL: setting(url('http', 'https').optional(), {
    reason: "The product's own history of exports; this service alone is the history where it is not set.",
  }),
  HISTORY_REGISTRAR_TOKEN: setting(text().optional(), {
    reason: 'The bearer token for it.',
    secret: true,
  }),
  REGISTER_AGAIN_AFTER_MS: setting(integer({ min: 10 }).default(30_000), {
    unit: 'ms',
    reason: 'How long an entry that was not registered is left alone; longer than the first try may take.',
  }),
  SESSION_COOKIE: setting(text().default('waybill_session'), {
    reason: "The cookie that carries the session's token where a browser follows a download link.",
  }),
  TRUST_FORWARDED_FOR: setting(flag().default(false), {
    reason:
      'Whether the last address of X-Forwarded-For is what the audit keeps; only behind a proxy that sets it.',
  }),
  ...deliverySettings,
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(60_000), {
    unit: 'ms',
    reason: 'How often what is past its time is removed.',
  }),
});

export type HistoryConfig = SettingsOf<typeof historySettings>;

/** @throws ExportError CONFIGURATION_INVALID that lists every fault. */
export function loadConfig(env: Environment): HistoryConfig {
  return loadSettings(historySettings, env);
}
