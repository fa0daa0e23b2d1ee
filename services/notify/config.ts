import {
  authSettings,
  crmSettings,
  defineSettings,
  outboundSettings,
  outboxSettings,
  publicSettings,
  httpSettings,
  integer,
  kafkaSettings,
  keySettings,
  loadSettings,
  logSettings,
  modeSettings,
  mongoSettings,
  setting,
  streamSettings,
  text,
  url,
  type Environment,
  type SettingsOf,
} from '@waybill/config';

const dayMs = 86_400_000;

/** All settings of the service; README.md shows them as a table. */
export const notifySettings = defineSettings({
  ...modeSettings,
  ...kafkaSettings,
  ...mongoSettings('notify'),
  ...crmSettings,
  ...httpSettings,
  ...authSettings,
  ...keySettings,
  ...logSettings,
  SMTP_URL: setting(url('smtp', 'smtps'), {
    reason: 'The mail server, with user and password where it requires them.',
    secret: true,
  }),
  SMTP_CONNECTIONS: setting(integer({ min: 1, max: 50 }).default(5), {
    unit: 'connections',
    reason: 'The maximum of open connections to the mail server; providers often refuse more.',
  }),
  SMTP_CONNECT_TIMEOUT_MS: setting(integer({ min: 100 }).default(5_000), {
    unit: 'ms',
    reason: 'The time to connect and be greeted; after it the email is tried again later.',
  }),
  SMTP_SOCKET_TIMEOUT_MS: setting(integer({ min: 100 }).default(30_000), {
    unit: 'ms',
    reason: 'The longest silence of a mail server during a conversation.',
  }),
  SMTP_PROBE_MS: setting(integer({ min: 10 }).default(30_000), {
    unit: 'ms',
    reason: 'The longest delay between two tries while the mail server does not answer.',
  }),
  EMAIL_RETRY_FROM_MS: setting(integer({ min: 10 }).default(5_000), {
    unit: 'ms',
    reason: 'The delay before the second try of an email; doubled after each further one.',
  }),
  EMAIL_RETRY_TO_MS: setting(integer({ min: 10 }).default(300_000), {
    unit: 'ms',
    reason: 'The longest delay between two tries of an email that the mail server refuses for now.',
  }),
  EMAIL_POLL_MS: setting(integer({ min: 10 }).default(1_000), {
    unit: 'ms',
    reason: 'How often a process looks for emails that are due, its own and those of processes that ended.',
  }),
  EMAIL_LEASE_MS: setting(integer({ min: 100 }).default(60_000), {
    unit: 'ms',
    reason:
      'An email whose process ended before it handed the message over is tried again after this time; longer than a connection takes.',
  }),
  MAIL_FROM: setting(text().default('Waybill <no-reply@waybill.example>'), {
    reason: 'The sender of the emails; Message-IDs use its domain.',
  }),
  ...publicSettings,
  DOWNLOAD_URL: setting(text().optional(), {
    reason: 'The download link, with {job_id} for the job; by default the route of history under PUBLIC_URL.',
  }),
  EXPORTS_PAGE_URL: setting(url('http', 'https').optional(), {
    reason: 'The page that lists exports; by default PUBLIC_URL.',
  }),
  NOTIFICATION_PUBLISHER_URL: setting(url('http', 'https').optional(), {
    reason:
      "The product's own notification system; notifications are posted to its path /notif/v1/notifications.",
  }),
  NOTIFICATION_PUBLISHER_TOKEN: setting(text().optional(), {
    reason: 'The bearer token for it.',
    secret: true,
  }),
  ACTIVITY_FORWARD_URL: setting(url('http', 'https').optional(), {
    reason: 'The address that product events are posted to, one by one.',
  }),
  ACTIVITY_FORWARD_TOKEN: setting(text().optional(), {
    reason: 'The bearer token for it.',
    secret: true,
  }),
  PUBLISH_AGAIN_AFTER_MS: setting(integer({ min: 10 }).default(30_000), {
    unit: 'ms',
    reason:
      'The delay before an unpublished notification is published again; longer than the first try may take.',
  }),
  ...streamSettings,
  LIVE_POLL_MS: setting(integer({ min: 10 }).default(2_000), {
    unit: 'ms',
    reason: 'How often an open stream looks for notifications that another instance has stored.',
  }),
  MAX_EVENT_AGE_MS: setting(integer({ min: 1 }).default(7 * dayMs), {
    unit: 'ms',
    reason: 'Older events are skipped, so that a replay of the topic notifies nobody.',
  }),
  STUCK_AFTER_MS: setting(integer({ min: 1_000 }).default(600_000), {
    unit: 'ms',
    reason: 'A delivery that is sending for longer is reported as stuck: its process has ended.',
  }),
  ...outboundSettings,
  ...outboxSettings,
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(60_000), {
    unit: 'ms',
    reason: 'How often stuck deliveries are reported and expired documents are removed.',
  }),
});

export type NotifyConfig = SettingsOf<typeof notifySettings>;

/** @throws ExportError CONFIGURATION_INVALID that lists every fault. */
export function loadConfig(env: Environment): NotifyConfig {
  return loadSettings(notifySettings, env);
}
