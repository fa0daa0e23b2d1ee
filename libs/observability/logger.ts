import { destination as fileOf, pino, type Logger as Pino } from 'pino';
import { redact } from './redact.ts';
import type { LogFields, Logger, LogLevel } from './types.ts';

export interface LoggerOptions {
  /** The service's name: the field `service` of each line. */
  readonly service: string;
  readonly level?: LogLevel;
  /** Where lines go; standard output by default. */
  readonly destination?: { write(line: string): void };
}

/**
 * Returns a destination that writes to standard output synchronously. pino's default is asynchronous: at an exit its last
 * two lines were in the wrong order, and with a broken pipe the exit never ended. Here a broken pipe only ends the log.
 */
function standardOutput() {
  return fileOf({ dest: 1, sync: true });
}

/** Creates a logger that writes one JSON object a line: `time` (ISO 8601), `level`, `service`, the fields and `message`. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(pino(settings, options.destination ?? standardOutput()));
}

/** Creates a logger that writes nothing. */
export function silentLogger(): Logger {
  return createLogger({ service: 'silent', level: 'silent', destination: { write: () => undefined } });
}

function wrap(target: Pino): Logger {
  const at = (level: Exclude<LogLevel, 'silent'>) => (fields: LogFields, message: string) => {
    // Redacting is expensive: only the fields of a line that will be written are redacted.
    if (target.isLevelEnabled(level)) target[level](redact(fields), message);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => wrap(target.child(redact(fields))),
  };
}
