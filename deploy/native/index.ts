export { ensureBuilt, missingForNative } from './build.ts';
export { launch } from './launch.ts';
export { NativeStackError, SERVER_NAMES } from './types.ts';
export type { Launch, LaunchOptions, Ports, Progress, S3Keys, ServerName } from './types.ts';
