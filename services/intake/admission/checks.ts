import type { ContactSource, FieldProperty, Layout, Tenant } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import type { RegionBuckets } from '@waybill/object-storage';
import type { CompanyId } from '@waybill/domain';
import { exportRequestSchema, type ExportRequest } from '../request/export-request.ts';
import { exportableFields, fieldsOfRequest, requireFields } from '../request/fields.ts';
import { parseRequest } from '../request/parse.ts';
import {
  capOf,
  decideSize,
  selectionOf,
  type Counted,
  type Selection,
  type SetSize,
} from '../request/selection.ts';

/** A valid request that this company can export. */
export interface CheckedRequest {
  readonly request: ExportRequest;
  readonly layout: Layout;
  /** The fields that may be exported with the layout. */
  readonly exportable: readonly FieldProperty[];
  readonly selection: Selection;
}

/** The limits of a company, from the CRM and the settings. */
export interface CompanyLimits {
  readonly region: string;
  readonly cap: number;
  readonly quotaBytes: number;
}

export interface ChecksDeps {
  readonly contacts: ContactSource;
  readonly defaultTimezone: string;
  readonly defaultRegion: string;
  readonly defaultCap: number;
  readonly defaultQuotaBytes: number;
  readonly countLimitMs: number;
  readonly regions: RegionBuckets;
}

export interface RequestContext {
  readonly companyId: CompanyId;
  readonly language: Language;
  readonly now: number;
}

/** The checks that preflight and accept share. Each throws an ExportError with its own code. */
export interface RequestChecks {
  /** Checks shape, values, layout, fields and period of a body. */
  request(body: unknown, context: RequestContext): Promise<CheckedRequest>;
  company(companyId: CompanyId): Promise<CompanyLimits>;
  size(selection: Selection, companyCap: number): Promise<SetSize>;
  /** Counts the selected contacts, also above the cap unless the mode ends at it. */
  count(selection: Selection, companyCap: number): Promise<Counted>;
}

export function createChecks(deps: ChecksDeps): RequestChecks {
  const { contacts, defaultTimezone } = deps;
  const schemas = {
    en: exportRequestSchema(defaultTimezone, 'en'),
    id: exportRequestSchema(defaultTimezone, 'id'),
  };
  const maxTimeMs = deps.countLimitMs;

  async function count(selection: Selection, cap: number, limit: number): Promise<Counted> {
    const { mode, ids, excludedIds, query } = selection;
    if (mode === 'ids') return { total: ids.length, late: false };
    const bounds = mode === 'first_10k_sorted' ? { first: cap, limit: cap + 1 } : { limit };
    return contacts.count(query, { ...bounds, maxTimeMs, excludedIds });
  }

  return {
    async request(body, { companyId, language, now }) {
      const request = parseRequest(schemas[language], body, language);
      const [layout, properties] = await Promise.all([
        contacts.layout(companyId, request.layout_id),
        contacts.fieldProperties(companyId),
      ]);
      // The layout decides which fields may be exported, so it is checked first.
      if (layout === undefined) throw unknownLayout(request.layout_id);
      const exportable = exportableFields(properties, layout);
      requireFields(fieldsOfRequest(request), exportable);
      return { request, layout, exportable, selection: selectionOf(request, companyId, now) };
    },

    async company(companyId) {
      const tenant = await contacts.tenant(companyId);
      return {
        region: regionOf(tenant, deps.defaultRegion, deps.regions),
        cap: tenant?.cap ?? deps.defaultCap,
        quotaBytes: tenant?.quotaBytes ?? deps.defaultQuotaBytes,
      };
    },

    async size(selection, companyCap) {
      const cap = capOf(selection.mode, companyCap);
      // Counting one more than the cap is enough to know that there are too many.
      const counted = await count(selection, cap, cap + 1);
      if (counted.late || counted.total <= cap) return decideSize(selection.mode, counted, cap);
      // The whole count shows the user how far to narrow the filter. If it takes too long, the first count is used.
      const whole = await count(selection, cap, Number.MAX_SAFE_INTEGER);
      return decideSize(selection.mode, whole.late ? counted : whole, cap);
    },

    count: (selection, companyCap) =>
      count(selection, capOf(selection.mode, companyCap), Number.MAX_SAFE_INTEGER),
  };
}

/**
 * Returns the region in which a company's files are stored. `fallback` is the region of companies that the CRM does not
 * know; empty means that such a company cannot export.
 * @throws ExportError `REGION_UNAVAILABLE` when no bucket is set up for the region.
 */
export function regionOf(
  tenant: Pick<Tenant, 'region'> | undefined,
  fallback: string,
  regions: Pick<RegionBuckets, 'bucketOf'>,
): string {
  const named = tenant?.region ?? fallback;
  const region = named === '' ? '(none)' : named;
  regions.bucketOf(region);
  return region;
}

function unknownLayout(layoutId: string): ExportError {
  return new ExportError('EXPORT_LAYOUT_UNKNOWN', {
    params: { layout_id: layoutId },
    errors: [{ path: 'layout_id', message: layoutId }],
  });
}
