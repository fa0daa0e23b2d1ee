import type { ContactSource, FieldProperty, Layout } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import type { RegionBuckets } from '@waybill/object-storage';
import type { CompanyId } from '@waybill/domain';
import { exportBodySchema, type ExportBody } from '../request/export-request.ts';
import { exportableFields, requireFields } from '../request/fields.ts';
import { parseBody } from '../request/parse.ts';
import { regionOf } from './region.ts';
import {
  capOf,
  decideSize,
  selectionOf,
  type Counted,
  type Selection,
  type SetSize,
} from '../request/selection.ts';

/** A body that says something this company can export. */
export interface CheckedBody {
  readonly body: ExportBody;
  readonly layout: Layout;
  /** The fields that may be exported with the layout. */
  readonly exportable: readonly FieldProperty[];
  readonly selection: Selection;
}

/** What the CRM and the settings say of a company. */
export interface CompanyLimits {
  readonly region: string;
  readonly cap: number;
  readonly quotaBytes: number;
}

export interface ChecksOptions {
  readonly contacts: ContactSource;
  readonly defaultTimezone: string;
  readonly defaultRegion: string;
  readonly defaultCap: number;
  readonly defaultQuotaBytes: number;
  readonly countLimitMs: number;
  readonly regions: RegionBuckets;
}

/** The checks that preflight and accept share. Each throws the ExportError of its code. */
export interface RequestChecks {
  /** Shape, meaning, layout, fields, period. */
  body(value: unknown, companyId: CompanyId, language: Language, now: number): Promise<CheckedBody>;
  company(companyId: CompanyId): Promise<CompanyLimits>;
  size(selection: Selection, companyCap: number): Promise<SetSize>;
  /** How many contacts there are, whatever the cap. */
  count(selection: Selection): Promise<Counted>;
}

export function createChecks(options: ChecksOptions): RequestChecks {
  const { contacts, defaultTimezone } = options;
  const schemas = {
    en: exportBodySchema(defaultTimezone, 'en'),
    id: exportBodySchema(defaultTimezone, 'id'),
  };
  const maxTimeMs = options.countLimitMs;

  async function count({ mode, ids, query }: Selection, limit: number): Promise<Counted> {
    return mode === 'ids' ? { total: ids.length, late: false } : contacts.count(query, { limit, maxTimeMs });
  }

  return {
    async body(value, companyId, language, now) {
      const body = parseBody(schemas[language], value, language);
      const [layout, properties] = await Promise.all([
        contacts.layout(companyId, body.layout_id),
        contacts.fieldProperties(companyId),
      ]);
      const exportable = exportableFields(properties, layout ?? { fields: [] });
      // A field is unknown or not with regard to a layout; without one there is nothing more to say.
      if (layout === undefined) throw unknownLayout(body.layout_id);
      requireFields(body.selected_fields, exportable);
      return { body, layout, exportable, selection: selectionOf(body, companyId, now) };
    },

    async company(companyId) {
      const tenant = await contacts.tenant(companyId);
      return {
        region: regionOf(tenant, options.defaultRegion, options.regions),
        cap: tenant?.cap ?? options.defaultCap,
        quotaBytes: tenant?.quotaBytes ?? options.defaultQuotaBytes,
      };
    },

    async size(selection, companyCap) {
      const cap = capOf(selection.mode, companyCap);
      // One more than the cap is enough to know that there are too many.
      const counted = await count(selection, cap + 1);
      const refused = !counted.late && counted.total > cap && selection.mode !== 'first_10k_sorted';
      if (!refused) return decideSize(selection.mode, counted, cap);
      // How many there are in truth says how far to narrow; the first count does where that takes long.
      const whole = await count(selection, Number.MAX_SAFE_INTEGER);
      return decideSize(selection.mode, whole.late ? counted : whole, cap);
    },

    count: (selection) => count(selection, Number.MAX_SAFE_INTEGER),
  };
}

function unknownLayout(layoutId: string): ExportError {
  return new ExportError('EXPORT_LAYOUT_UNKNOWN', {
    params: { layout_id: layoutId },
    errors: [{ path: 'layout_id', message: layoutId }],
  });
}
