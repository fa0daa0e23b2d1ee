import {
  authSettings,
  crmSettings,
  defineSettings,
  outboundSettings,
  outboxSettings,
  publicSettings,
  flag,
  httpSettings,
  integer,
  kafkaSettings,
  keySettings,
  loadSettings,
  logSettings,
  modeSettings,
  mongoSettings,
  s3Settings,
  setting,
  text,
  url,
  type Environment,
  type SettingsOf,
} from '@waybill/config';

/** Every setting of the service. README.md lists them in a table. */
export const historySettings = defineSettings({
  ...modeSettings,
  ...kafkaSettings,
  ...mongoSettings('history'),
  ...crmSettings,
  ...s3Settings,
  ...httpSettings,
  ...authSettings,
  ...keySettings,
  ...logSettings,
  ...publicSettings,
  SIGN_IN_URL: setting(url('http', 'https').optional(), {
    reason:
      'The page that a browser without a session is redirected to, with return_to. If not set, it gets an error page.',
  }),
  HISTORY_REGISTRAR_URL: setting(url('http', 'https').optional(), {
    reason: "The product's own history of exports. If not set, this service is the only history.",
  }),
  HISTORY_REGISTRAR_TOKEN: setting(text().optional(), {
    reason: 'The bearer token for it.',
    secret: true,
  }),
  REGISTER_AGAIN_AFTER_MS: setting(integer({ min: 10 }).default(30_000), {
    unit: 'ms',
    reason:
      'A pending registration is offered again after this time. It must be longer than the first try can take.',
  }),
  SESSION_COOKIE: setting(text().default('waybill_session'), {
    reason: "The cookie that carries the session's token when a browser follows a download link.",
  }),
  TRUST_FORWARDED_FOR: setting(flag().default(false), {
    reason:
      'Whether the audit records the last address of X-Forwarded-For. Use it only behind a proxy that sets the header.',
  }),
  ...outboundSettings,
  ...outboxSettings,
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(60_000), {
    unit: 'ms',
    reason: 'How often expired documents are removed.',
  }),
});

export type HistoryConfig = SettingsOf<typeof historySettings>;

/**
 * Reads the settings from the environment.
 * @throws ExportError CONFIGURATION_INVALID that lists every fault.
 */
export function loadConfig(env: Environment): HistoryConfig {
  return loadSettings(historySettings, env);
}
