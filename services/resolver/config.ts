import {
  authSettings,
  crmSettings,
  defineSettings,
  flag,
  httpSettings,
  integer,
  kafkaSettings,
  keySettings,
  laneSettings,
  loadSettings,
  modeSettings,
  mongoSettings,
  redisSettings,
  setting,
  type Environment,
  type SettingsOf,
} from '@waybill/config';
import { limits } from '@waybill/domain';

const kib = 1024;

export const resolverSettings = defineSettings({
  ...modeSettings,
  ...kafkaSettings,
  ...mongoSettings('resolver'),
  ...crmSettings,
  ...redisSettings,
  ...keySettings,
  ...httpSettings,
  ...authSettings,
  ...laneSettings,
  FREEZE_PAGE_IDS: setting(integer({ min: 1, max: 200_000 }).default(20_000), {
    unit: 'ids',
    reason:
      'Ids per query and per chunk of the frozen list. 200,000 ids stay far below the 16 MiB of a document.',
  }),
  BATCH_TARGET_BYTES: setting(integer({ min: 1 }).default(384 * kib), {
    unit: 'bytes',
    reason:
      'A batch of this size is full: large enough to spread the cost of a message, small enough to keep many in memory.',
  }),
  BATCH_MAXIMUM_BYTES: setting(integer({ min: 1 }).default(512 * kib), {
    unit: 'bytes',
    reason: 'A row that would make a batch larger than this starts the next one.',
  }),
  MESSAGE_MAXIMUM_BYTES: setting(integer({ min: 1, max: 19 * kib * kib }).default(19 * kib * kib), {
    unit: 'bytes',
    reason:
      'Rows of one message; more fails the job. The topic allows 20 MiB, including the overhead of a payload.',
  }),
  READ_CONCURRENCY: setting(integer({ min: 1, max: 16 }).default(2), {
    unit: 'queries',
    reason:
      'Contact queries in flight per job: one runs while the rows of the previous one are sealed and produced.',
  }),
  JOB_DEADLINE_MS: setting(integer({ min: 1_000 }).default(limits.jobDeadlineMs), {
    unit: 'ms',
    reason: 'A job waits this long for servers that are away, then fails.',
  }),
  RECORD_TTL_MS: setting(integer({ min: 1 }).default(22 * 86_400_000), {
    unit: 'ms',
    reason:
      'How long resolutions are kept: longer than a request (7 days) and its dead letter (14 days) can be delivered again.',
  }),
  SELECTION_TTL_MS: setting(integer({ min: 1 }).default(86_400_000), {
    unit: 'ms',
    reason: 'How long the frozen list of a resolved job is kept: as long as its batches.',
  }),
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(600_000), {
    unit: 'ms',
    reason: 'How often expired frozen lists and resolutions are removed.',
  }),
  SWEEP_DRY_RUN: setting(flag().default(false), {
    reason: 'Whether the sweeper only logs and counts what it would remove.',
  }),
});

export type ResolverConfig = SettingsOf<typeof resolverSettings>;

/** @throws ExportError CONFIGURATION_INVALID */
export function loadConfig(environment: Environment): ResolverConfig {
  return loadSettings(resolverSettings, environment);
}
