export { createLogger, silentLogger, type LoggerOptions } from './logger.ts';
export { redact } from './redact.ts';
export { logLevels, type LogFields, type Logger, type LogLevel } from './types.ts';
