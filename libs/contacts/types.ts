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

/** What a field property says about the values that its contacts hold. */
export interface FieldValidation {
  /** Only with field type `number`. */
  readonly number?: {
    readonly number_type: NumberType;
    /** ISO 4217; used for values that carry no code of their own. */
    readonly currency_code?: string;
  };
  /** Only with `dropdown` and `multiple_select`: contacts store the key, people see the label. */
  readonly options?: readonly { readonly key: string; readonly label: string }[];
}

/** A field that a company's contacts have, as the CRM describes it (the wire form of `field_properties`). */
export interface FieldProperty {
  /** Stable and unique within the company. */
  readonly name: string;
  /** What people read. */
  readonly name_alias: string;
  readonly field_type: FieldType | (string & {});
  /** A hidden field is exported only with a layout that has it. */
  readonly is_hidden: boolean;
  /** Built in: a property of the contact itself. Otherwise it is an entry of `custom_fields`. */
  readonly is_default: boolean;
  /** `association` where the values are ids of other records, whose names are shown. */
  readonly type: 'contact' | 'association';
  readonly validation: FieldValidation;
}

/** An ordered choice of fields. */
export interface Layout {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
  /** Field names in the order of the columns. */
  readonly fields: readonly string[];
}

/** A company as the CRM knows it. */
export interface Tenant {
  readonly companyId: CompanyId;
  readonly organizationId: OrganizationId;
  /** Decides the bucket. */
  readonly region: string;
  readonly name: string;
  /** Largest number of contacts of one export, where an operator set it. */
  readonly cap?: number;
  /** Bytes that kept files may take, where an operator set it. */
  readonly quotaBytes?: number;
  /** Rows above which a governance alert is sent; absent is off. */
  readonly alertThreshold?: number;
}

/** A user's place in a company. */
export interface Membership {
  readonly userId: UserId;
  /** Undefined where the CRM has no address. */
  readonly email: string | undefined;
  readonly name: string;
  readonly locale: Locale;
  readonly permissions: readonly Permission[];
}

/** An entry of a contact's `custom_fields`. */
export interface CustomField {
  readonly key: string;
  readonly value: unknown;
  readonly currency_code?: string;
}

/** A contact as it is stored. Built-in fields are properties of their own; what they hold is not to be trusted. */
export interface ContactDocument {
  readonly _id: string;
  /** The tenant; associated companies are in `associated_company_ids`. */
  readonly company_id: string;
  readonly custom_fields?: readonly CustomField[];
  readonly [field: string]: unknown;
}

/** One condition; all conditions of a criterion must hold. */
export interface CriterionFilter {
  readonly field: string;
  readonly op: FilterOperator;
  /** Typed by the field: see the README. For `in` a list, for `exists` a boolean. */
  readonly value: JsonValue;
}

/** Which contacts, as a client says it: the one language of list, preflight and export. */
export interface Criterion {
  /** Words that must all occur in names, email or phone numbers. */
  readonly search?: string;
  readonly filters: readonly CriterionFilter[];
  /** `created_at` descending by default; `_id` always breaks ties. */
  readonly sort?: CriterionSort;
}

export interface CriterionSort {
  readonly field: string;
  readonly direction: 'asc' | 'desc';
}

/** Everything that narrows a selection; all parts must hold. */
export interface ContactQuery {
  readonly companyId: CompanyId;
  readonly criterion?: Criterion;
  readonly sources?: readonly Source[];
  /** Epoch milliseconds, inclusive. */
  readonly createdFrom?: number;
  /** Epoch milliseconds, exclusive. */
  readonly createdBefore?: number;
}

/** An opaque place in a sorted selection, safe in a URL; only with the query that it came from. */
export type Cursor = string & { readonly __brand: 'Cursor' };

/** Gives a cursor that came from a client or a store its brand; `selectIds` checks what it holds. */
export const cursor = (value: string): Cursor => value as Cursor; // the one place that gives the brand

/** Where a column's value is stored. */
export type ColumnSource =
  { readonly kind: 'property'; readonly path: string } | { readonly kind: 'custom'; readonly key: string };

/** Collections whose display names stand for the ids that a contact holds. */
export type ReferenceKind = 'owners' | 'companies' | 'deals';

/** A column of the plan that also knows where its values come from. Plain JSON. */
export interface ExportColumn extends Column {
  readonly source: ColumnSource;
  readonly reference?: ReferenceKind;
  /** Currency of values that carry no code of their own. */
  readonly currencyCode?: string;
}

/**
 * One contact's values in column order, as JSON: datetimes are epoch milliseconds, dates `YYYY-MM-DD`, currencies
 * `{value, currency_code}`, decimals beyond a double decimal strings, references display names; missing is null.
 */
export type Row = readonly JsonValue[];

/** A set size. When `late` is true the time limit came first: `total` is then 0 and says nothing. */
export interface ContactCount {
  readonly total: number;
  readonly late: boolean;
}

export interface CountOptions {
  /** Counting stops here. */
  readonly limit: number;
  readonly maxTimeMs: number;
}

export interface PageOptions {
  /** Where the last page ended. */
  readonly after?: Cursor;
  readonly limit: number;
}

export interface IdPage {
  readonly ids: readonly string[];
  /** Absent after the last page. */
  readonly next?: Cursor;
}

export interface ListedContact {
  readonly id: string;
  readonly row: Row;
}

export interface ContactPage {
  readonly contacts: readonly ListedContact[];
  /** Absent after the last page. */
  readonly next?: Cursor;
}

/**
 * The CRM's contacts, read-only; every query is scoped by company.
 * @throws ExportError `SERVICE_UNAVAILABLE` from each call while MongoDB cannot be reached; `VALIDATION_FAILED` where a
 * criterion or a cursor does not fit the company's fields.
 */
export interface ContactSource {
  /** In the company's own order. */
  fieldProperties(companyId: CompanyId): Promise<readonly FieldProperty[]>;
  /** The default layout first. */
  layouts(companyId: CompanyId): Promise<readonly Layout[]>;
  layout(companyId: CompanyId, layoutId: string): Promise<Layout | undefined>;
  defaultLayout(companyId: CompanyId): Promise<Layout | undefined>;
  tenant(companyId: CompanyId): Promise<Tenant | undefined>;
  count(query: ContactQuery, options: CountOptions): Promise<ContactCount>;
  /**
   * One page of ids in the criterion's order. Contacts without a valid value in the sorted field are not dropped: they
   * follow the others, by `_id`.
   */
  selectIds(query: ContactQuery, page: PageOptions): Promise<IdPage>;
  /** In the order of `ids`; undefined where a contact is gone or is another company's. */
  readRows(
    companyId: CompanyId,
    ids: readonly string[],
    columns: readonly ExportColumn[],
  ): Promise<readonly (Row | undefined)[]>;
  /** One page as a person sees it; contacts that vanish while it is read are left out. */
  list(query: ContactQuery, columns: readonly ExportColumn[], page: PageOptions): Promise<ContactPage>;
}

/** What a user may do now, asked where no token is at hand. */
export interface Permissions {
  /** No membership, no permissions. */
  of(userId: UserId, companyId: CompanyId): Promise<readonly Permission[]>;
}
