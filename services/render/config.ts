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
  s3Settings,
  setting,
  type Environment,
  type SettingsOf,
} from '@waybill/config';
import { limits } from '@waybill/domain';

const mib = 1_048_576;

export const renderSettings = defineSettings({
  ...modeSettings,
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
  XLSX_OMIT_REFERENCES: setting(flag().default(false), {
    unit: 'true or false',
    reason:
      'Whether XLSX cells omit references that ECMA-376 makes optional: files have a third less XML, but the streaming reader of exceljs 4.4 fails.',
  }),
  UPLOAD_PART_BYTES: setting(integer({ min: 5 * mib, max: 512 * mib }).default(8 * mib), {
    unit: 'bytes',
    reason:
      'Size of one part of an upload, held in memory until it is stored. S3 requires 5 MiB and allows 10,000 of them.',
  }),
  HELD_BYTES: setting(integer({ min: mib }).default(96 * mib), {
    unit: 'bytes',
    reason: 'Memory that the files in progress may hold before idle jobs are evicted and read again later.',
  }),
  IDLE_MS: setting(integer({ min: 100 }).default(10_000), {
    unit: 'ms',
    reason: 'A job that gets no batch for this long may be evicted.',
  }),
  STALL_MS: setting(integer({ min: 100 }).default(limits.jobDeadlineMs), {
    unit: 'ms',
    reason:
      'A job that waits this long while every message is read has stalled: its batches are asked for again.',
  }),
  WATCH_EVERY_MS: setting(integer({ min: 10 }).default(500), {
    unit: 'ms',
    reason: 'How often waiting jobs are checked. Cancelling one takes this long, and 1 s at most.',
  }),
  PROGRESS_EVERY_MS: setting(integer({ min: 0 }).default(500), {
    unit: 'ms',
    reason: 'How often the progress of a job is published.',
  }),
  JOB_DEADLINE_MS: setting(integer({ min: 1_000 }).default(limits.jobDeadlineMs), {
    unit: 'ms',
    reason: 'A job waits this long for servers that are away, then fails. Its batches are kept as long.',
  }),
  OUTBOX_EVERY_MS: setting(integer({ min: 10 }).default(2_000), {
    unit: 'ms',
    reason: 'How often events that Kafka did not accept at once are sent again.',
  }),
  FILE_TTL_MS: setting(integer({ min: 1 }).default(limits.fileTtlMs), {
    unit: 'ms',
    reason: 'How long a file can be downloaded.',
  }),
  RECORD_TTL_MS: setting(integer({ min: 1 }).default(22 * 86_400_000), {
    unit: 'ms',
    reason: 'How long job records are kept: longer than any message or dead letter that may need one.',
  }),
  SWEEP_EVERY_MS: setting(integer({ min: 10 }).default(600_000), {
    unit: 'ms',
    reason: 'How often expired files, files without a job and unfinished uploads are removed.',
  }),
  SWEEP_MAXIMUM_UNKNOWN_PERCENT: setting(integer({ max: 100 }).default(20), {
    unit: 'percent',
    reason:
      'The sweeper stops and reports an error if the jobs of more files than this are unknown, as after a lost database.',
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
