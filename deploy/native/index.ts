export { ensureBuilt, missingForNative } from './build.ts';
export { launch } from './launch.ts';
export { SERVER_NAMES } from './types.ts';
export type { Launch, LaunchOptions, Ports, Progress, S3Keys, ServerName } from './types.ts';
