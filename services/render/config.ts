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
  mongoSettings,
  redisSettings,
  s3Settings,
  setting,
  type Environment,
  type SettingsOf,
} from '@waybill/config';
import { limits } from '@waybill/domain';

const mib = 1_048_576;

export const renderSettings = defineSettings({
  ...kafkaSettings,
  ...mongoSettings('render'),
  ...crmSettings,
  ...redisSettings,
  ...s3Settings,
  ...keySettings,
  ...httpSettings,
  ...authSettings,
  ...laneSettings,
  XLSX_COMPRESSION_LEVEL: setting(integer({ min: 1, max: 9 }).default(5), {
    unit: 'level',
    reason: 'Deflate level of XLSX files: 5 takes a fifth less time than 6 for files 1 % larger.',
  }),
  UPLOAD_PART_BYTES: setting(integer({ min: 5 * mib, max: 512 * mib }).default(8 * mib), {
    unit: 'bytes',
    reason:
      'A part of an upload, which is held until storage has it. S3 takes 5 MiB at least and 10,000 parts.',
  }),
  HELD_BYTES: setting(integer({ min: mib }).default(96 * mib), {
    unit: 'bytes',
    reason: 'What the files in progress may hold before idle ones are put down and read again later.',
  }),
  IDLE_MS: setting(integer({ min: 100 }).default(10_000), {
    unit: 'ms',
    reason: 'A job whose next batch does not come for so long may be put down.',
  }),
  STALL_MS: setting(integer({ min: 100 }).default(7_200_000), {
    unit: 'ms',
    reason: 'A job that waits so long with every message read has stalled and fails.',
  }),
  WATCH_EVERY_MS: setting(integer({ min: 10 }).default(500), {
    unit: 'ms',
    reason: 'How often waiting jobs are looked at; a cancel of one takes this long and no more than 1 s.',
  }),
  PROGRESS_EVERY_MS: setting(integer({ min: 0 }).default(500), {
    unit: 'ms',
    reason: 'How often a job says how far it is.',
  }),
  MAXIMUM_RESTARTS: setting(integer({ min: 0, max: 100 }).default(4), {
    unit: 'restarts',
    reason:
      'How often a file is begun anew after faults that may pass, with growing pauses, before its job fails.',
  }),
  OUTBOX_EVERY_MS: setting(integer({ min: 10 }).default(2_000), {
    unit: 'ms',
    reason: 'How often events that Kafka did not take at once are tried again.',
  }),
  FILE_TTL_MS: setting(integer({ min: 1 }).default(limits.fileTtlMs), {
    unit: 'ms',
    reason: 'How long a file can be downloaded.',
  }),
  RECORD_TTL_MS: setting(integer({ min: 1 }).default(22 * 86_400_000), {
    unit: 'ms',
    reason: 'How long jobs are kept: longer than any message or dead letter that may ask for one.',
  }),
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(600_000), {
    unit: 'ms',
    reason: 'How often expired files, files without a job and unfinished uploads are removed.',
  }),
  SWEEP_DRY_RUN: setting(flag().default(false), {
    reason: 'Whether the sweeper only logs and counts what it would remove.',
  }),
});

export type RenderConfig = SettingsOf<typeof renderSettings>;

/** @throws ExportError CONFIGURATION_INVALID */
export function loadConfig(environment: Environment): RenderConfig {
  return loadSettings(renderSettings, environment);
}
