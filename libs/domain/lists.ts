/** How contacts are selected. */
export const selectionModes = ['ids', 'filtered', 'first_10k_sorted', 'all'] as const;
export type SelectionMode = (typeof selectionModes)[number];

export const formats = ['xlsx', 'csv'] as const;
export type Format = (typeof formats)[number];

export const contentTypes: Readonly<Record<Format, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
};

/** Wire values of a contact's source (closed), with the label that a person sees. */
export const sources = [
  { value: 'whatsapp', label: 'WhatsApp' },
  { value: 'instagram', label: 'Instagram' },
  { value: 'facebook', label: 'Facebook' },
  { value: 'telegram', label: 'Telegram' },
  { value: 'line', label: 'Line' },
  { value: 'email', label: 'Email' },
  { value: 'live_chat', label: 'Live chat' },
  { value: 'advertisement', label: 'Advertisement' },
  { value: 'import', label: 'Import' },
  { value: 'api', label: 'API' },
  { value: 'manual', label: 'Manual' },
] as const;
export type Source = (typeof sources)[number]['value'];

/** Period presets; they resolve on the server in the request's timezone. */
export const periods = [
  'today',
  'yesterday',
  'last_7_days',
  'last_30_days',
  'this_month',
  'last_month',
  'this_year',
] as const;
export type Period = (typeof periods)[number];

/** Operators of a criterion's filter. */
export const filterOperators = ['eq', 'ne', 'in', 'contains', 'gte', 'lte', 'exists'] as const;
export type FilterOperator = (typeof filterOperators)[number];

export const permissions = [
  'contacts.export',
  'contacts.export.history.company',
  'contacts.export.history.organization',
  'contacts.export.admin',
  'contacts.export.erase',
] as const;
export type Permission = (typeof permissions)[number];

/** Any one of these permissions lets a person see the exports of colleagues. */
export const companyHistoryPermissions = [
  'contacts.export.history.company',
  'contacts.export.history.organization',
  'contacts.export.admin',
] as const satisfies readonly Permission[];

export const jobStatuses = ['queued', 'processing', 'completed', 'failed', 'cancelled', 'expired'] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const phases = ['resolving', 'rendering', 'uploading'] as const;
export type Phase = (typeof phases)[number];

export const locales = ['en', 'id'] as const;
export type Locale = (typeof locales)[number];

/** Delimiters that a CSV file may have. */
export const csvDelimiters = [',', ';', '\t', '|'] as const;
export type CsvDelimiter = (typeof csvDelimiters)[number];

/** Forms of a CSV file: RFC 4180 for programs, or as Excel opens it in the requester's language. */
export const csvProfiles = ['standard', 'excel'] as const;
export type CsvProfile = (typeof csvProfiles)[number];
