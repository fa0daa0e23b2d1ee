export { ensureBuilt, missingForNative } from './build.ts';
export { launch } from './launch.ts';
export { kafkaSettings } from './servers/kafka.ts';
export { SERVER_NAMES } from './types.ts';
export { versions } from './versions.ts';
export type { Launch, LaunchOptions, Ports, Progress, S3Keys, SecureListener, ServerName } from './types.ts';
