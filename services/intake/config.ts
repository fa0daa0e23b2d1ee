import {
  authSettings,
  crmSettings,
  defineSettings,
  httpSettings,
  integer,
  kafkaSettings,
  keySettings,
  loadSettings,
  logSettings,
  modeSettings,
  mongoSettings,
  publicSettings,
  redisSettings,
  s3Settings,
  setting,
  streamSettings,
  type Environment,
  type SettingsOf,
} from '@waybill/config';
import { currentTimezone, defaultTimezone, isTimezone, limits } from '@waybill/domain';
import { z } from 'zod';

const gib = 1024 ** 3;

export const intakeSettings = defineSettings({
  ...modeSettings,
  ...httpSettings,
  ...authSettings,
  ...kafkaSettings,
  ...mongoSettings('intake'),
  ...crmSettings,
  ...redisSettings,
  ...keySettings,
  REGION_BUCKETS: s3Settings.REGION_BUCKETS,
  ...logSettings,
  ...publicSettings,
  DEFAULT_REGION: setting(z.string().default(''), {
    reason: 'Region of a company that the CRM does not know. Empty: such a company cannot export.',
  }),
  DEFAULT_TIMEZONE: setting(
    z
      .string()
      .default(defaultTimezone)
      .refine(isTimezone, 'expected an IANA id such as Asia/Jakarta')
      .overwrite(currentTimezone),
    { reason: 'Timezone of a request without one.' },
  ),
  DEFAULT_CAP: setting(integer({ min: 1, max: limits.maximumCap }).default(limits.defaultCap), {
    unit: 'rows',
    reason: 'Largest export of a company for which no cap is set.',
  }),
  DEFAULT_QUOTA_BYTES: setting(integer({ min: 0 }).default(5 * gib), {
    unit: 'bytes',
    reason: 'Stored files and running exports of a company: 5 per hour for 48 hours at 15 MB are 3.6 GB.',
  }),
  COUNT_LIMIT_MS: setting(integer({ min: 1 }).default(200), {
    unit: 'ms',
    reason:
      'A count that takes longer sends the job to the bulk lane. The native stack scans, so it sets 5000.',
  }),
  SEARCH_LIMIT_MS: setting(integer({ min: 1 }).default(2_000), {
    unit: 'ms',
    reason:
      'Longest query of a search for contacts; MongoDB ends it then. The native stack scans, so it sets 10000.',
  }),
  READ_RATE_LIMIT_POINTS: setting(integer({ min: 1 }).default(120), {
    unit: 'requests',
    reason: 'Searches and preflights of one person in one window: two in a second.',
  }),
  READ_RATE_LIMIT_WINDOW_MS: setting(integer({ min: 1_000 }).default(60_000), {
    unit: 'ms',
    reason: 'The window of the rate limit of searches and preflights.',
  }),
  CONTACT_METADATA_TTL_MS: setting(integer({ min: 0 }).default(1_000), {
    unit: 'ms',
    reason:
      "How long a company's fields, layouts and limits are cached, so that a burst queries the CRM once. 0: never.",
  }),
  PERMISSION_TTL_MS: setting(integer({ min: 0 }).default(30_000), {
    unit: 'ms',
    reason:
      'How long the CRM is not asked again whether a person may export. A permission that is taken away ends then. 0: never cached.',
  }),
  RATE_LIMIT_POINTS: setting(integer({ min: 1 }).default(5), {
    unit: 'exports',
    reason: 'Accepted exports of one company in one window.',
  }),
  RATE_LIMIT_WINDOW_MS: setting(integer({ min: 1_000 }).default(3_600_000), {
    unit: 'ms',
    reason: 'The window of the rate limit. It starts with the first export.',
  }),
  FLAG_CONTACT_EXPORT: setting(
    z
      .string()
      .regex(/^(on|off|[^\s,]+(,[^\s,]+)*)$/, 'expected on, off or company ids with commas between')
      .default('off'),
    { reason: 'The feature flag contact_export: off, on, or the ids of the companies that have it.' },
  ),
  RELAY_EVERY_MS: setting(integer({ min: 100 }).default(5_000), {
    unit: 'ms',
    reason: 'How often events that could not be published at once are published again.',
  }),
  RELAY_LEASE_MS: setting(integer({ min: 1_000 }).default(10_000), {
    unit: 'ms',
    reason:
      'How long one instance leases a job to publish its events; longer than the time-out of a send (5 s).',
  }),
  CANCEL_EVERY_MS: setting(integer({ min: 100 }).default(5_000), {
    unit: 'ms',
    reason: 'How often cancel flags are raised again until their job has ended, because Redis may lose them.',
  }),
  RECONCILE_EVERY_MS: setting(integer({ min: 100 }).default(60_000), {
    unit: 'ms',
    reason: 'How often jobs without an end are looked for.',
  }),
  RECONCILE_AFTER_MS: setting(integer({ min: 1_000 }).default(900_000), {
    unit: 'ms',
    reason:
      'A job without an end and without progress for this long is overdue: its request is published again. The pause doubles with each repeat.',
  }),
  RECONCILE_PAUSE_MAXIMUM_MS: setting(integer({ min: 1_000 }).default(28_800_000), {
    unit: 'ms',
    reason: 'The longest pause between two repeats of a request.',
  }),
  RECONCILE_MAXIMUM_REPEATS: setting(integer({ min: 1, max: 1_000 }).default(7), {
    unit: 'repeats',
    reason:
      'Repeats before the next one ends the job as failed. With the pauses above that is 31 hours, longer than an outage of a day.',
  }),
  ...streamSettings,
  EVENTS_POLL_MS: setting(integer({ min: 100 }).default(2_000), {
    unit: 'ms',
    reason: 'How often an open status stream reads its job when no notification comes over Redis.',
  }),
  EVENTS_HEARTBEAT_MS: setting(integer({ min: 100 }).default(15_000), {
    unit: 'ms',
    reason: 'Longest silence of a status stream. Many proxies close connections that are silent for 60 s.',
  }),
  SWEEP_EVERY_MS: setting(integer({ min: 1_000 }).default(600_000), {
    unit: 'ms',
    reason: 'How often jobs that ended 7 days ago and idempotency keys older than 24 hours are removed.',
  }),
});

export type IntakeConfig = SettingsOf<typeof intakeSettings>;

/** @throws ExportError `CONFIGURATION_INVALID` that lists every fault at once. */
export function loadConfig(environment: Environment): IntakeConfig {
  return loadSettings(intakeSettings, environment);
}
