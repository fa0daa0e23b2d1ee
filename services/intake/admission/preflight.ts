import { exportColumns, type ContactSource } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import type { CompanyId, Locale } from '@waybill/domain';
import { z } from 'zod';
import { capOf } from '../request/selection.ts';
import type { CheckedRequest, RequestChecks } from './checks.ts';
import { estimateFromSample, measure, type Sample } from './estimate.ts';
import type { RateLimit, RateLimitState } from './rate-limit.ts';
import { warningSchema, warningsOf } from './warnings.ts';

/** Contacts that are read to estimate a file: enough for an average, few enough for one quick read. */
const sampleSize = 200;

export const preflightSchema = z
  .object({
    total: z.int().min(0).nullable().describe('Selected contacts; null when counting took too long'),
    cap: z.int().min(1).describe('The most contacts that this export may contain'),
    estimated_bytes: z.int().min(0).describe('Estimated from a sample'),
    quota: z
      .object({
        used_bytes: z.int().min(0).describe('Stored files and running exports of the company'),
        limit_bytes: z.int().min(0),
      })
      .describe('The storage of the company'),
    rate_limit: z
      .object({
        limit: z.int().min(1).describe('Exports of the company in one window'),
        remaining: z.int().min(0),
        reset_at: z.iso.datetime().nullable().describe('When the window ends; null while none runs'),
      })
      .describe('What is left of the rate limit; a preflight takes nothing of it'),
    warnings: z.array(warningSchema),
  })
  .describe('The size of an export of this body; nothing is started');

export type Preflight = z.output<typeof preflightSchema>;

export interface PreflightDeps {
  readonly checks: RequestChecks;
  readonly contacts: ContactSource;
  /** Longest time of the query for the sample. */
  readonly searchLimitMs: number;
  readonly heldBytes: (companyId: CompanyId, now: number) => Promise<number>;
  readonly rateLimit: Pick<RateLimit, 'read'>;
  readonly now: () => Date;
}

export interface PreflightRequest {
  readonly companyId: CompanyId;
  readonly body: unknown;
  readonly language: Language;
  readonly locale: Locale;
}

/**
 * Creates the function that describes an export without starting it. A size that an export would be rejected for is a
 * warning here. An invalid body is rejected as it is for an export.
 * @throws ExportError with the codes of the body, `REGION_UNAVAILABLE`, `SERVICE_UNAVAILABLE`
 */
export function createPreflight(deps: PreflightDeps): (request: PreflightRequest) => Promise<Preflight> {
  const { checks, now } = deps;
  return async ({ companyId, body, language, locale }) => {
    const at = now().getTime();
    const checked = await checks.request(body, { companyId, language, now: at });
    const company = await checks.company(companyId);
    const cap = capOf(checked.selection.mode, company.cap);
    const [counted, sample, held, rate] = await Promise.all([
      checks.count(checked.selection, company.cap),
      takeSample(deps, checked, { companyId, locale }),
      deps.heldBytes(companyId, at),
      deps.rateLimit.read(companyId),
    ]);
    const total = counted.late ? null : counted.total;
    const rows = Math.min(total ?? cap, cap);
    const { format, selected_fields: fields } = checked.request;
    const estimatedBytes = estimateFromSample({ rows, fields: fields.length, format }, sample);
    const { duplicates } = checked.selection;
    const facts = { total, cap, rows, format, sample, duplicates, freeBytes: company.quotaBytes - held };
    return {
      total,
      cap,
      estimated_bytes: estimatedBytes,
      quota: { used_bytes: held, limit_bytes: company.quotaBytes },
      rate_limit: { limit: rate.limit, remaining: rate.remaining, reset_at: resetAt(rate, at) },
      warnings: warningsOf({ ...facts, estimatedBytes }, language),
    };
  };
}

function resetAt({ resetSeconds }: RateLimitState, now: number): string | null {
  return resetSeconds === 0 ? null : new Date(now + resetSeconds * 1_000).toISOString();
}

/** Reads the selected fields of the first contacts of a selection; none if their selection takes too long. */
async function takeSample(
  { contacts, searchLimitMs }: Pick<PreflightDeps, 'contacts' | 'searchLimitMs'>,
  { request, exportable, selection }: CheckedRequest,
  { companyId, locale }: Pick<PreflightRequest, 'companyId' | 'locale'>,
): Promise<Sample> {
  const columns = exportColumns(exportable, request.selected_fields, request.locale ?? locale);
  const first = { limit: sampleSize, maxTimeMs: searchLimitMs };
  const ids =
    selection.mode === 'ids'
      ? selection.ids.slice(0, sampleSize)
      : await contacts.selectIds(selection.query, first).then((page) => page.ids, noneIfTooSlow);
  const excluded = new Set(selection.excludedIds);
  const included = ids.filter((id) => !excluded.has(id));
  const rows = await contacts.readRows(companyId, included, columns);
  return measure(rows.filter((row) => row !== undefined));
}

function noneIfTooSlow(error: unknown): readonly string[] {
  if (error instanceof ExportError && error.code === 'SEARCH_TOO_SLOW') return [];
  throw error;
}
