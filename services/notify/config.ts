import {
  authSettings,
  crmSettings,
  defineSettings,
  deliverySettings,
  httpSettings,
  integer,
  kafkaSettings,
  keySettings,
  loadSettings,
  logSettings,
  mongoSettings,
  setting,
  text,
  url,
  type Environment,
  type SettingsOf,
} from '@waybill/config';

const dayMs = 86_400_000;

/** Every setting of the service; README.md shows them as a table. */
export const notifySettings = defineSettings({
  ...kafkaSettings,
  ...mongoSettings('notify'),
  ...crmSettings,
  ...httpSettings,
  ...authSettings,
  ...keySettings,
  ...logSettings,
  SMTP_URL: setting(url('smtp', 'smtps'), {
    reason: 'The mail server, with user and password where it asks for them.',
    secret: true,
  }),
  SMTP_CONNECTIONS: setting(integer({ min: 1, max: 50 }).default(5), {
    unit: 'connections',
    reason: 'Open connections to the mail server at most; providers often refuse more.',
  }),
  SMTP_CONNECT_TIMEOUT_MS: setting(integer({ min: 100 }).default(5_000), {
    unit: 'ms',
    reason: 'Until connected and greeted; then the email goes to the next delay.',
  }),
  SMTP_SOCKET_TIMEOUT_MS: setting(integer({ min: 100 }).default(30_000), {
    unit: 'ms',
    reason: 'Silence of a mail server in mid-conversation.',
  }),
  MAIL_FROM: setting(text().default('Waybill <no-reply@waybill.example>'), {
    reason: 'Sender of the emails; its domain is that of the Message-IDs.',
  }),
  PUBLIC_URL: setting(url('http', 'https'), {
    reason: 'The address under which a browser reaches the API and the console.',
  }),
  DOWNLOAD_URL: setting(text().optional(), {
    reason:
      "The download link, with {job_id} for the job; PUBLIC_URL's own route of the history where it is not set.",
  }),
  EXPORTS_PAGE_URL: setting(url('http', 'https').optional(), {
    reason: 'The page that lists exports; PUBLIC_URL where it is not set.',
  }),
  NOTIFICATION_PUBLISHER_URL: setting(url('http', 'https').optional(), {
    reason:
      "The product's own notification system, posted to at /notif/v1/notifications; nobody where it is not set.",
  }),
  NOTIFICATION_PUBLISHER_TOKEN: setting(text().optional(), {
    reason: 'The bearer token for it.',
    secret: true,
  }),
  ACTIVITY_FORWARD_URL: setting(url('http', 'https').optional(), {
    reason: 'Where product events are posted, one by one; nowhere where it is not set.',
  }),
  ACTIVITY_FORWARD_TOKEN: setting(text().optional(), {
    reason: 'The bearer token for it.',
    secret: true,
  }),
  PUBLISH_AGAIN_AFTER_MS: setting(integer({ min: 10 }).default(30_000), {
    unit: 'ms',
    reason:
      'How long a notification that was not published is left alone; longer than the first try may take.',
  }),
  LIVE_POLL_MS: setting(integer({ min: 10 }).default(2_000), {
    unit: 'ms',
    reason: 'How often an open stream looks for notifications that another instance has stored.',
  }),
  MAX_EVENT_AGE_MS: setting(integer({ min: 1 }).default(7 * dayMs), {
    unit: 'ms',
    reason: 'Older events are skipped, so that a replay of the topic is silent.',
  }),
  STUCK_AFTER_MS: setting(integer({ min: 1_000 }).default(600_000), {
    unit: 'ms',
    reason: 'A delivery that is sending for so long is reported as stuck: its sender has crashed.',
  }),
  ...deliverySettings,
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(60_000), {
    unit: 'ms',
    reason: 'How often stuck deliveries are looked for and what is past its time is removed.',
  }),
});

export type NotifyConfig = SettingsOf<typeof notifySettings>;

/** @throws ExportError CONFIGURATION_INVALID that lists every fault. */
export function loadConfig(env: Environment): NotifyConfig {
  return loadSettings(notifySettings, env);
}
