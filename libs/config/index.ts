export {
  authSettings,
  crmSettings,
  outboundSettings,
  outboxSettings,
  publicSettings,
  httpSettings,
  kafkaSecuritySettings,
  kafkaSettings,
  keySettings,
  laneSettings,
  logSettings,
  modeSettings,
  mongoSettings,
  redisSettings,
  registrySettings,
  s3Settings,
  streamSettings,
  topicSettings,
} from './shared-settings.ts';
export { decimal, flag, integer, list, listOf, oneOf, text, url } from './kinds.ts';
export { loadSettings, type Environment } from './load.ts';
export { defineSettings, setting, type SettingsOf } from './setting.ts';
export { settingsTable } from './table.ts';
