export { deliverySettings, laneSettings } from './consumers.ts';
export {
  authSettings,
  crmSettings,
  httpSettings,
  kafkaSettings,
  keySettings,
  logSettings,
  mongoSettings,
  redisSettings,
  s3Settings,
} from './fragments.ts';
export { decimal, flag, integer, list, listOf, oneOf, text, url } from './kinds.ts';
export { loadSettings, type Environment } from './load.ts';
export { defineSettings, setting, type SettingDocumentation, type SettingsOf } from './setting.ts';
export { settingsTable } from './table.ts';
