import { destination as fileOf, pino, type Logger as Pino } from 'pino';
import { redact } from './redact.ts';
import type { LogFields, Logger, LogLevel } from './types.ts';

export interface LoggerOptions {
  /** The service's name, in each line as `service`. */
  readonly service: string;
  readonly level?: LogLevel;
  /** Where lines go; standard output by default. */
  readonly destination?: { write(line: string): void };
}

/**
 * Standard output, synchronously. pino's default writes behind the scenes: at an exit its last two lines came in the
 * wrong order, and with nobody at the other end of the pipe the exit never ended. Here a broken pipe ends the log alone.
 */
function standardOutput() {
  return fileOf({ dest: 1, sync: true });
}

/** A logger that writes one JSON object a line: `time` in ISO 8601, `level` as a word, `service`, `message`, then the fields. */
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

/** A logger that writes nothing. */
export function silentLogger(): Logger {
  return createLogger({ service: 'silent', level: 'silent', destination: { write: () => undefined } });
}

function wrap(target: Pino): Logger {
  const at = (level: Exclude<LogLevel, 'silent'>) => (fields: LogFields, message: string) => {
    // Redacting costs: only a line that will be written pays for it.
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
