import type { ErrorCode } from '@waybill/errors';
import type { Permission } from '@waybill/domain';
import type { QueryName, RequestName, ResponseName } from './schemas.ts';

/** One address with one method, as the document describes it and as the contract test calls it. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Below /iag/v1/contacts. */
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly query?: QueryName;
  readonly body?: RequestName;
  /** Status to body; `none` has no body, `events` is a stream of server-sent events. */
  readonly answers: Readonly<Record<number, ResponseName | 'none' | 'events'>>;
  /** Codes of its problems, beside those that every operation has. */
  readonly codes: readonly ErrorCode[];
}

/** Codes that every operation may answer with. */
export const commonCodes: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'];

const jsonBody: readonly ErrorCode[] = [
  'MALFORMED_JSON',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_FAILED',
];
const configuration: readonly ErrorCode[] = [
  'EXPORT_TIMEZONE_INVALID',
  'EXPORT_SOURCE_INVALID',
  'EXPORT_PERIOD_INVALID',
];
const exportBody: readonly ErrorCode[] = [
  ...jsonBody,
  'EXPORT_SELECTION_MODE_INVALID',
  'EXPORT_FIELD_UNKNOWN',
  'EXPORT_LAYOUT_UNKNOWN',
  ...configuration,
];
const permission = 'contacts.export';

export const operations: readonly Operation[] = [
  {
    id: 'startExport',
    method: 'post',
    path: '/export',
    summary: 'Starts an export; the file goes to the requester by email and into the app',
    permission,
    body: 'ExportRequest',
    answers: { 200: 'Accepted' },
    codes: [
      'FLAG_DISABLED',
      ...exportBody,
      'IDEMPOTENCY_KEY_REUSED',
      'REGION_UNAVAILABLE',
      'EXPORT_SELECTION_EMPTY',
      'EXPORT_LIMIT_EXCEEDED',
      'EXPORT_STORAGE_QUOTA_EXCEEDED',
      'EXPORT_RATE_LIMITED',
    ],
  },
  {
    id: 'preflightExport',
    method: 'post',
    path: '/export/preflight',
    summary: 'Says what an export of the same body would be; starts nothing',
    permission,
    body: 'ExportRequest',
    answers: { 200: 'Preflight' },
    codes: ['FLAG_DISABLED', ...exportBody, 'REGION_UNAVAILABLE'],
  },
  {
    id: 'readStatus',
    method: 'get',
    path: '/export/status/{job_id}',
    summary: 'The state of an export, with its receipt once it has completed',
    permission,
    answers: { 200: 'Status' },
    codes: ['EXPORT_NOT_FOUND'],
  },
  {
    id: 'followStatus',
    method: 'get',
    path: '/export/events/{job_id}',
    summary:
      'The same as server-sent events, taken up after Last-Event-ID; 204 when there is nothing more to come',
    permission,
    answers: { 200: 'events', 204: 'none' },
    codes: ['EXPORT_NOT_FOUND'],
  },
  {
    id: 'cancelExport',
    method: 'post',
    path: '/export/{job_id}/cancel',
    summary: 'Asks for the end of a running export; whether it came in time is seen in the status',
    permission,
    answers: { 202: 'Status' },
    codes: ['EXPORT_NOT_FOUND', 'EXPORT_NOT_CANCELLABLE'],
  },
  {
    id: 'retryExport',
    method: 'post',
    path: '/export/{job_id}/retry',
    summary: 'Begins the next attempt of a failed export',
    permission,
    answers: { 202: 'Status' },
    codes: [
      'FLAG_DISABLED',
      'EXPORT_NOT_FOUND',
      'EXPORT_NOT_RETRYABLE',
      'REGION_UNAVAILABLE',
      'EXPORT_STORAGE_QUOTA_EXCEEDED',
      'EXPORT_RATE_LIMITED',
    ],
  },
  {
    id: 'readOptions',
    method: 'get',
    path: '/export/options',
    summary: 'The vocabulary: sources, periods, timezones, formats, caps',
    permission,
    answers: { 200: 'Options' },
    codes: [],
  },
  {
    id: 'listPresets',
    method: 'get',
    path: '/export/presets',
    summary: "The caller's presets and those shared in the company",
    permission,
    answers: { 200: 'Presets' },
    codes: [],
  },
  {
    id: 'readLastConfiguration',
    method: 'get',
    path: '/export/presets/last',
    summary: 'What the caller exported with last, on whichever device',
    permission,
    answers: { 200: 'LastConfiguration' },
    codes: [],
  },
  {
    id: 'createPreset',
    method: 'post',
    path: '/export/presets',
    summary: 'Keeps a configuration under a name',
    permission,
    body: 'NewPreset',
    answers: { 201: 'Preset' },
    codes: [...jsonBody, ...configuration, 'PRESET_NAME_TAKEN'],
  },
  {
    id: 'changePreset',
    method: 'patch',
    path: '/export/presets/{id}',
    summary: 'Renames, shares or changes a preset; what is left out stays as it is',
    permission,
    body: 'PresetChange',
    answers: { 200: 'Preset' },
    codes: [...jsonBody, ...configuration, 'PRESET_NOT_FOUND', 'PRESET_NAME_TAKEN'],
  },
  {
    id: 'deletePreset',
    method: 'delete',
    path: '/export/presets/{id}',
    summary: 'Deletes a preset',
    permission,
    answers: { 204: 'none' },
    codes: ['PRESET_NOT_FOUND'],
  },
  {
    id: 'listFieldProperties',
    method: 'get',
    path: '/field_properties',
    summary: "The company's fields; with layout_id those that may be exported with it, in its order",
    permission,
    query: 'fields',
    answers: { 200: 'FieldProperties' },
    codes: ['VALIDATION_FAILED', 'EXPORT_LAYOUT_UNKNOWN'],
  },
  {
    id: 'listLayouts',
    method: 'get',
    path: '/layouts',
    summary: "The company's layouts, the default one first",
    permission,
    query: 'pages',
    answers: { 200: 'Layouts' },
    codes: ['VALIDATION_FAILED'],
  },
  {
    id: 'readDefaultLayout',
    method: 'get',
    path: '/layouts/default',
    summary: "The company's default layout",
    permission,
    answers: { 200: 'DefaultLayout' },
    codes: ['EXPORT_LAYOUT_UNKNOWN'],
  },
  {
    id: 'listContacts',
    method: 'get',
    path: '',
    summary: 'The contacts that a criterion selects, page by page',
    permission,
    query: 'contacts',
    answers: { 200: 'Contacts' },
    codes: ['VALIDATION_FAILED', 'EXPORT_LAYOUT_UNKNOWN', 'EXPORT_FIELD_UNKNOWN', ...configuration],
  },
  {
    id: 'eraseExports',
    method: 'post',
    path: '/export/erasures',
    summary:
      'Removes what is known of a person or of the company; running exports are cancelled and go later',
    permission: 'contacts.export.admin',
    body: 'ErasureRequest',
    answers: { 200: 'Erasure' },
    codes: jsonBody,
  },
];
