import { exportColumns, type ContactSource } from '@waybill/contacts';
import type { Language } from '@waybill/errors';
import type { CompanyId, Locale } from '@waybill/domain';
import type { CheckedBody, RequestChecks } from './checks.ts';
import type { Preflight } from '../contract/export.ts';
import { estimateFromSample } from './estimate.ts';
import { warningsOf } from './warnings.ts';
import { takeSample } from './sample.ts';
import { capOf } from '../request/selection.ts';

export interface PreflightParts {
  readonly checks: RequestChecks;
  readonly contacts: ContactSource;
  readonly heldBytes: (companyId: CompanyId, now: number) => Promise<number>;
  readonly now: () => number;
}

export interface PreflightRequest {
  readonly companyId: CompanyId;
  readonly body: unknown;
  readonly language: Language;
  readonly locale: Locale;
}

/**
 * What an export of this body would be. What would refuse it for its size is a warning here; a body that says nothing
 * sensible is refused as an export is.
 * @throws ExportError the body's codes, `REGION_UNAVAILABLE`, `SERVICE_UNAVAILABLE`
 */
export function createPreflight(parts: PreflightParts): (request: PreflightRequest) => Promise<Preflight> {
  const { checks, contacts, now } = parts;
  return async ({ companyId, body, language, locale }) => {
    const at = now();
    const checked = await checks.body(body, companyId, language, at);
    const company = await checks.company(companyId);
    const cap = capOf(checked.selection.mode, company.cap);
    const [total, sample, held] = await Promise.all([
      totalOf(checks, checked, cap),
      sampleOf(contacts, companyId, checked, locale),
      parts.heldBytes(companyId, at),
    ]);
    const rows = Math.min(total ?? cap, cap);
    const { format, selected_fields: fields } = checked.body;
    const estimatedBytes = estimateFromSample(rows, fields.length, format, sample);
    const { duplicates } = checked.selection;
    const facts = { total, cap, rows, format, sample, duplicates, freeBytes: company.quotaBytes - held };
    return {
      total,
      cap,
      estimated_bytes: estimatedBytes,
      warnings: warningsOf({ ...facts, estimatedBytes }, language),
    };
  };
}

async function totalOf(
  checks: RequestChecks,
  { selection }: CheckedBody,
  cap: number,
): Promise<number | null> {
  const counted = await checks.count(selection);
  if (counted.late) return null;
  return selection.mode === 'first_10k_sorted' ? Math.min(counted.total, cap) : counted.total;
}

function sampleOf(
  contacts: ContactSource,
  companyId: CompanyId,
  { body, exportable, selection }: CheckedBody,
  locale: Locale,
) {
  const columns = exportColumns(exportable, body.selected_fields, body.locale ?? locale);
  return takeSample(contacts, companyId, selection, columns);
}
