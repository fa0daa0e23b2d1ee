import type { Column, FieldType, JsonValue, NumberType } from '@waybill/formatting';
import type {
  CompanyId,
  FilterOperator,
  Locale,
  OrganizationId,
  Permission,
  Source,
  UserId,
} from '@waybill/domain';

/** Rules for the values of a field. */
export interface FieldValidation {
  /** Only with field type `number`. */
  readonly number?:
    | {
        readonly number_type: NumberType;
        /** ISO 4217 code of values that have no code of their own. */
        readonly currency_code?: string | undefined;
      }
    | undefined;
  /** Only with `dropdown` and `multiple_select`: contacts store the key, people see the label. */
  readonly options?: readonly { readonly key: string; readonly label: string }[] | undefined;
}

/** Field of a company's contacts as the CRM describes it (the form of `field_properties`). */
export interface FieldProperty {
  /** Stable and unique within the company. */
  readonly name: string;
  /** Name that people read. */
  readonly name_alias: string;
  readonly field_type: FieldType | (string & {});
  /** A hidden field is exported only with a layout that has it. */
  readonly is_hidden: boolean;
  /** True for a built-in field, a property of the contact. Other fields are entries of `custom_fields`. */
  readonly is_default: boolean;
  /** `association` if the values are ids of other records, whose names are exported. */
  readonly type: 'contact' | 'association';
  readonly validation: FieldValidation;
}

/** Ordered choice of fields. */
export interface Layout {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
  /** Field names in the order of the columns. */
  readonly fields: readonly string[];
}

/** Company in the CRM. */
export interface Tenant {
  readonly companyId: CompanyId;
  readonly organizationId: OrganizationId;
  /** Region of the company's bucket. */
  readonly region: string;
  readonly name: string;
  /** Largest number of contacts in one export, if an operator set it. */
  readonly cap?: number | undefined;
  /** Total bytes of stored files, if an operator set it. */
  readonly quotaBytes?: number | undefined;
  /** Rows above which a governance alert is sent. Without it no alert is sent. */
  readonly alertThreshold?: number | undefined;
}

/** User as a member of a company. */
export interface Membership {
  readonly userId: UserId;
  /** Undefined where the CRM has no address. */
  readonly email: string | undefined;
  readonly name: string;
  readonly locale: Locale;
  readonly permissions: readonly Permission[];
}

/** Entry of a contact's `custom_fields`. */
export interface CustomField {
  readonly key: string;
  readonly value: unknown;
  readonly currency_code?: string;
}

/** Stored contact. Built-in fields are properties, whose values may have any type. */
export interface ContactDocument {
  readonly _id: string;
  /** The tenant; associated companies are in `associated_company_ids`. */
  readonly company_id: string;
  readonly custom_fields?: readonly CustomField[];
  readonly [field: string]: unknown;
}

/** One condition. A contact must match all conditions of a criterion. */
export interface CriterionFilter {
  readonly field: string;
  readonly op: FilterOperator;
  /** Value of the field's type (see the README); a list for `in`, a boolean for `exists`. */
  readonly value: JsonValue;
}

/** Selection of contacts by a client: list, preflight and export use the same form. */
export interface Criterion {
  /** Words that must all occur in names, email or phone numbers; a field that the company hides is not searched. */
  readonly search?: string | undefined;
  readonly filters: readonly CriterionFilter[];
  /** `created_at` descending by default. Contacts with the same value are ordered by `_id`. */
  readonly sort?: CriterionSort | undefined;
}

export interface CriterionSort {
  readonly field: string;
  readonly direction: 'asc' | 'desc';
}

/** Selection of a company's contacts. A contact must match every member. */
export interface ContactQuery {
  readonly companyId: CompanyId;
  readonly criterion?: Criterion;
  readonly sources?: readonly Source[];
  /** Epoch milliseconds, inclusive. */
  readonly createdFrom?: number;
  /** Epoch milliseconds, exclusive. */
  readonly createdBefore?: number;
}

/** Opaque position in a sorted selection, safe in a URL. Only valid for the query that it came from. */
export type Cursor = string & { readonly __brand: 'Cursor' };

/** Returns a text from a client or a store as a cursor. `selectIds` checks its contents. */
export const cursor = (value: string): Cursor => value as Cursor; // only this function creates the brand

/** Place where a column's value is stored. */
export type ColumnSource =
  { readonly kind: 'property'; readonly path: string } | { readonly kind: 'custom'; readonly key: string };

/** Collections whose display names replace the ids in a contact. */
export type ReferenceKind = 'owners' | 'companies' | 'deals';

/** Column of the plan with the source of its values. It is plain JSON. */
export interface ExportColumn extends Column {
  readonly source: ColumnSource;
  readonly reference?: ReferenceKind;
  /** Currency of values that have no code of their own. */
  readonly currencyCode?: string;
}

/**
 * Values of one contact in column order, as JSON: datetimes are epoch milliseconds, dates `YYYY-MM-DD`, currencies
 * `{value, currency_code}`, decimals beyond a double are strings, references are display names. A missing value is null.
 */
export type Row = readonly JsonValue[];

/** Size of a selection. If `late` is true the count exceeded its time limit, and `total` is 0 without a meaning. */
export interface ContactCount {
  readonly total: number;
  readonly late: boolean;
}

export interface CountOptions {
  /** Number at which counting stops. */
  readonly limit: number;
  readonly maxTimeMs: number;
  /** Contacts that are not counted, each once. */
  readonly excludedIds?: readonly string[];
  /** Counts only this many contacts from the start of the order; excluded ones among them take a place. */
  readonly first?: number;
}

export interface PageOptions {
  /** `next` of the page before. */
  readonly after?: Cursor;
  readonly limit: number;
  /** Longest time of the query; no limit by default, because the selection of a job may take minutes. */
  readonly maxTimeMs?: number;
}

export interface IdPage {
  readonly ids: readonly string[];
  /** Absent after the last page. */
  readonly next?: Cursor;
}

export interface ContactPage {
  readonly contacts: readonly { readonly id: string; readonly row: Row }[];
  /** Absent after the last page. */
  readonly next?: Cursor;
}

/**
 * Read-only access to the CRM's contacts. Every query is limited to one company.
 * @throws ExportError `SERVICE_UNAVAILABLE` from each call while MongoDB cannot be reached, and `VALIDATION_FAILED` if a
 * criterion or a cursor does not fit the company's fields.
 */
export interface ContactSource {
  /** Returns the fields in the company's order. */
  fieldProperties(companyId: CompanyId): Promise<readonly FieldProperty[]>;
  /** Returns the layouts, the default one first. */
  layouts(companyId: CompanyId): Promise<readonly Layout[]>;
  layout(companyId: CompanyId, layoutId: string): Promise<Layout | undefined>;
  defaultLayout(companyId: CompanyId): Promise<Layout | undefined>;
  tenant(companyId: CompanyId): Promise<Tenant | undefined>;
  count(query: ContactQuery, options: CountOptions): Promise<ContactCount>;
  /**
   * Returns one page of ids in the criterion's order. Contacts without a valid value in the sorted field follow the
   * others, by `_id`.
   * @throws ExportError `SEARCH_TOO_SLOW` if the query takes longer than `maxTimeMs`.
   */
  selectIds(query: ContactQuery, page: PageOptions): Promise<IdPage>;
  /** Returns rows in the order of `ids`; undefined for a contact that is missing or belongs to another company. */
  readRows(
    companyId: CompanyId,
    ids: readonly string[],
    columns: readonly ExportColumn[],
  ): Promise<readonly (Row | undefined)[]>;
  /** Returns one page for people. Contacts that are removed during the call are left out. */
  list(query: ContactQuery, columns: readonly ExportColumn[], page: PageOptions): Promise<ContactPage>;
}

/** Current permissions of users, for work without a token. */
export interface Permissions {
  /**
   * Returns the permissions of a user in a company; none without a membership.
   * @throws ExportError `SERVICE_UNAVAILABLE` while MongoDB cannot be reached.
   */
  of(userId: UserId, companyId: CompanyId): Promise<readonly Permission[]>;
}
