import type { Fault, Language, Texts } from './catalogue-entry.ts';
import { catalogue, type ErrorCode } from './codes.ts';
import { detailText } from './text.ts';

/** Values of a catalogued text's parameters. */
export type ErrorParams = Readonly<Record<string, string | number>>;

/** One faulty field of a request. */
export interface FieldFault {
  /** JSON path of the value, such as `filters.0.op`; empty for the whole body. */
  readonly path: string;
  /** A single text is the same in each language, such as a name, or is already in the language of the reader. */
  readonly message: string | Texts;
}

export interface ExportErrorOptions {
  readonly params?: ErrorParams;
  /** Parameters that are texts and so differ by language. In their language they override `params`. */
  readonly translated?: Partial<Readonly<Record<Language, ErrorParams>>>;
  readonly errors?: readonly FieldFault[];
  readonly cause?: unknown;
  /** Overrides `retryable` of the catalogue. */
  readonly retryable?: boolean;
}

/**
 * The only error that packages throw to each other. Its code decides status, fault and texts; `params` fill the texts.
 * The message is the English detail, so that a log line says what to do.
 */
export class ExportError extends Error {
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly retryable: boolean;
  readonly params: ErrorParams;
  readonly errors: readonly FieldFault[];
  readonly #translated: Partial<Readonly<Record<Language, ErrorParams>>>;

  constructor(code: ErrorCode, options: ExportErrorOptions = {}) {
    const translated = options.translated ?? {};
    // Events and log lines contain `params` only, in English.
    const params = { ...options.params, ...translated.en };
    super(detailText(code, params, 'en'), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ExportError';
    this.code = code;
    this.fault = catalogue[code].fault;
    this.retryable = options.retryable ?? catalogue[code].retryable;
    this.params = params;
    this.errors = options.errors ?? [];
    this.#translated = translated;
  }

  /** The HTTP status that the code answers with. */
  get status(): number {
    return catalogue[this.code].status;
  }

  /** Returns the detail in a language. */
  detail(language: Language): string {
    return detailText(this.code, this.paramsIn(language), language);
  }

  /** Returns the parameters, those that are texts in a language. */
  paramsIn(language: Language): ErrorParams {
    return { ...this.params, ...this.#translated[language] };
  }
}

/** Returns a thrown value as an ExportError: itself, or one with the code `fallback` and the value as its cause. */
export function asExportError(error: unknown, fallback: ErrorCode): ExportError {
  return error instanceof ExportError ? error : new ExportError(fallback, { cause: error });
}

/** Errors of the language itself. */
const languageErrors = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError] as const;

/**
 * Returns why work failed, from whatever it threw. An ExportError says so itself. Of other values, those that the program
 * throws (the language's own errors, and plain errors of our checks) are EXPORT_FAILED: they come again with the same
 * input. Every other error belongs to a client library or to the system, so a server was away: SERVICE_UNAVAILABLE,
 * which is retryable.
 */
export function causeOf(thrown: unknown): ExportError {
  if (thrown instanceof ExportError) return thrown;
  return new ExportError(isProgramFault(thrown) ? 'EXPORT_FAILED' : 'SERVICE_UNAVAILABLE', { cause: thrown });
}

function isProgramFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return true;
  // fetch() reports a failed connection as a TypeError with the error of the socket as its cause.
  if (thrown.cause instanceof Error && !isProgramFault(thrown.cause)) return false;
  if (languageErrors.some((kind) => thrown instanceof kind)) return true;
  return Object.getPrototypeOf(thrown) === Error.prototype && !('code' in thrown);
}

/** Returns a thrown value as an Error, so that it has a message and a stack. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** An error as events carry it. */
export interface FailureDetails {
  readonly code: ErrorCode;
  /** English text for an operator; free of contact data. */
  readonly detail: string;
  /** Values of the catalogued text, so that a reader can show it in any language. */
  readonly params: Readonly<Record<string, string>>;
}

/** Returns an error as the field `failure` of an event. */
export function failureOf(error: ExportError): FailureDetails {
  const params = Object.entries(error.params).map(([name, value]) => [name, String(value)] as const);
  return { code: error.code, detail: error.message, params: Object.fromEntries(params) };
}

/**
 * Returns the error that ends a job whose message was dead-lettered. The cause keeps its own text if the requester can
 * act on it; the technical causes are in the headers of the dead letter and in the log.
 */
export function jobFailure(cause: ExportError): ExportError {
  // "Nothing was accepted, retry shortly" is for a client that waits, not for a job that was accepted.
  return cause.code === 'SERVICE_UNAVAILABLE' ? new ExportError('EXPORT_FAILED', { cause }) : cause;
}
