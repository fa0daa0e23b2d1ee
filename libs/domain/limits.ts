const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The published limits. Operators change those that are settings; these are the defaults. */
export const limits = {
  /** Contacts of one export, unless raised for the company. */
  defaultCap: 10_000,
  /** The highest cap that an operator may set. */
  maximumCap: 1_000_000,
  /** Contacts that `first_10k_sorted` takes. */
  firstSorted: 10_000,
  /** Ids of selection mode `ids`, whatever the cap. */
  maximumIds: 10_000,
  /** Idempotency-Keys that one job is known by. */
  idempotencyKeys: 16,
  /** Contacts that one request may take out of its selection. */
  maximumExcludedIds: 1_000,
  /** Jobs with more rows use the bulk lane. */
  bulkRows: 50_000,
  /** How long a file can be downloaded. */
  fileTtlMs: 48 * hourMs,
  /** How long the status of a job is kept. */
  statusTtlMs: 7 * dayMs,
  /** How long the download audit is kept. */
  auditTtlMs: 90 * dayMs,
  /** Refused clicks of one person on downloads that the audit records in an hour. */
  refusedClicks: 60,
  /** How long an entry of the history is kept. */
  historyTtlMs: 100 * dayMs,
  /** How long a job waits for servers that are away before it fails. */
  jobDeadlineMs: 24 * hourMs,
  /** Longest life of a signed download address. */
  signedUrlTtlMs: 5 * 60_000,
  /** Largest request body. */
  bodyBytes: 1_048_576,
} as const;

export const defaultTimezone = 'Asia/Jakarta';
