/** What varies in a log line. Field names are snake_case; `error` may be any thrown value. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The message is a constant; whatever varies goes into the fields. */
type Log = (fields: LogFields, message: string) => void;

/** Structured log. Fields pass the redaction of redact.ts before they are written. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
  readonly fatal: Log;
  /** A logger that adds these fields to each of its lines, such as `job_id` and `company_id`. */
  child(fields: LogFields): Logger;
}

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
