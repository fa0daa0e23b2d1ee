import type { ErrorCode } from '@waybill/errors';
import {
  openApiDocument,
  type ApiAnswerHeader,
  type ApiHeader,
  type ApiOperation,
  type OpenApiDocument,
} from '@waybill/http';
import type { Permission } from '@waybill/domain';
import {
  querySchemas,
  requestSchemas,
  responseSchemas,
  type RequestName,
  type ResponseName,
} from './schemas.ts';

export const basePath = '/iag/v1/contacts';

/** One path with one method, as the document describes it and as the contract test calls it. */
export interface Operation extends Omit<ApiOperation, 'access'> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Path below `basePath`. */
  readonly path: string;
  readonly permission: Permission;
  readonly body?: RequestName;
  readonly answers: Readonly<Record<number, ResponseName | 'none' | 'events'>>;
}

/** The error codes of every operation. */
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
  'EXPORT_SORT_NOT_ALLOWED',
  ...configuration,
];
const permission = 'contacts.export';
const wholeNumber = { type: 'integer', minimum: 0 } as const;
/** The RateLimit headers; an answer from before the check, such as that of a repeated request, has none of them. */
const rateLimit = (required: boolean, counted = 'Exports'): readonly ApiAnswerHeader[] => [
  { name: 'RateLimit-Limit', description: `${counted} in one window`, required, schema: wholeNumber },
  { name: 'RateLimit-Remaining', description: `${counted} left in it`, required, schema: wholeNumber },
  { name: 'RateLimit-Reset', description: 'Seconds until it ends', required, schema: wholeNumber },
  {
    name: 'RateLimit-Policy',
    description: 'The limit and the seconds of a window',
    required,
    schema: { type: 'string', examples: ['5;w=3600'] },
  },
];

const reads = rateLimit(true, 'Searches and preflights');
/** The headers of an operation that counts as a read: an answer that is refused for another reason has none. */
const readLimit = { 200: reads, 429: reads };
const replayed: ApiAnswerHeader = {
  name: 'Idempotency-Replayed',
  description: 'true if an earlier request started the job; then the RateLimit headers are left out',
  required: false,
  schema: { const: 'true' },
};
const etag: ApiAnswerHeader = {
  name: 'ETag',
  description: 'The version of the preset',
  required: true,
  schema: { type: 'string' },
};
const ifMatch: ApiHeader = {
  name: 'If-Match',
  description: 'The ETag of the version to change; without it any version is changed',
  schema: { type: 'string' },
};

export const operations: readonly Operation[] = [
  {
    id: 'startExport',
    method: 'post',
    path: '/export',
    summary: 'Starts an export and sends the link to its file by email and in the app',
    permission,
    body: 'ExportRequest',
    headers: [
      {
        name: 'Idempotency-Key',
        description: 'For 24 hours a request with the same key and body returns the same job',
        schema: { type: 'string', minLength: 1, maxLength: 255 },
      },
    ],
    answers: { 200: 'Accepted' },
    answerHeaders: { 200: [...rateLimit(false), replayed], 429: rateLimit(true) },
    codes: [
      'FLAG_DISABLED',
      ...exportBody,
      'IDEMPOTENCY_KEY_REUSED',
      'IDEMPOTENCY_KEYS_EXHAUSTED',
      'REGION_UNAVAILABLE',
      'EXPORT_SELECTION_EMPTY',
      'EXPORT_LIMIT_EXCEEDED',
      'EXPORT_STORAGE_QUOTA_EXCEEDED',
      'EXPORT_REQUEST_TOO_LARGE',
      'EXPORT_RATE_LIMITED',
    ],
  },
  {
    id: 'preflightExport',
    method: 'post',
    path: '/export/preflight',
    summary: 'Describes the export of a body without starting it',
    permission,
    body: 'ExportRequest',
    answers: { 200: 'Preflight' },
    answerHeaders: readLimit,
    codes: ['FLAG_DISABLED', ...exportBody, 'REGION_UNAVAILABLE', 'READ_RATE_LIMITED'],
  },
  {
    id: 'listExports',
    method: 'get',
    path: '/export',
    summary: "Lists the caller's running exports, the newest request first",
    permission,
    query: querySchemas.exports,
    answers: { 200: 'Exports' },
    codes: ['VALIDATION_FAILED'],
  },
  {
    id: 'readStatus',
    method: 'get',
    path: '/export/status/{job_id}',
    summary: 'Returns the status of an export, with its receipt when it has completed',
    permission,
    answers: { 200: 'Status' },
    codes: ['EXPORT_NOT_FOUND'],
  },
  {
    id: 'followStatus',
    method: 'get',
    path: '/export/events/{job_id}',
    summary: 'Streams the status as server-sent events from Last-Event-ID on; 204 after the terminal state',
    permission,
    answers: { 200: 'events', 204: 'none' },
    codes: ['EXPORT_NOT_FOUND', 'TOO_MANY_STREAMS'],
  },
  {
    id: 'cancelExport',
    method: 'post',
    path: '/export/{job_id}/cancel',
    summary: 'Requests the cancellation of a running export; the status shows whether it was in time',
    permission,
    answers: { 202: 'Status' },
    codes: ['EXPORT_NOT_FOUND', 'EXPORT_NOT_CANCELLABLE'],
  },
  {
    id: 'retryExport',
    method: 'post',
    path: '/export/{job_id}/retry',
    summary: 'Starts the next attempt of a failed export',
    permission,
    answers: { 202: 'Status' },
    answerHeaders: { 202: rateLimit(true), 429: rateLimit(true) },
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
    summary: 'Lists the values of a request: sources, periods, timezones, formats, caps',
    permission,
    answers: { 200: 'Options' },
    codes: [],
  },
  {
    id: 'listPresets',
    method: 'get',
    path: '/export/presets',
    summary: "Lists the caller's presets and the shared presets of the company",
    permission,
    query: querySchemas.pages,
    answers: { 200: 'Presets' },
    codes: ['VALIDATION_FAILED'],
  },
  {
    id: 'readLastConfiguration',
    method: 'get',
    path: '/export/presets/last',
    summary: "Returns the configuration of the caller's last export; 204 before the first",
    permission,
    answers: { 200: 'LastConfiguration', 204: 'none' },
    codes: [],
  },
  {
    id: 'readPreset',
    method: 'get',
    path: '/export/presets/{id}',
    summary: 'Returns a preset',
    permission,
    answers: { 200: 'Preset' },
    answerHeaders: { 200: [etag] },
    codes: ['PRESET_NOT_FOUND'],
  },
  {
    id: 'createPreset',
    method: 'post',
    path: '/export/presets',
    summary: 'Creates a preset',
    permission,
    body: 'NewPreset',
    answers: { 201: 'Preset' },
    answerHeaders: { 201: [etag] },
    codes: [...jsonBody, ...configuration, 'PRESET_NAME_TAKEN'],
  },
  {
    id: 'changePreset',
    method: 'patch',
    path: '/export/presets/{id}',
    summary: 'Changes a preset; fields that are left out stay unchanged',
    permission,
    body: 'PresetChange',
    headers: [ifMatch],
    answers: { 200: 'Preset' },
    answerHeaders: { 200: [etag] },
    codes: [...jsonBody, ...configuration, 'PRESET_NOT_FOUND', 'PRESET_CHANGED', 'PRESET_NAME_TAKEN'],
  },
  {
    id: 'deletePreset',
    method: 'delete',
    path: '/export/presets/{id}',
    summary: 'Deletes a preset',
    permission,
    headers: [ifMatch],
    answers: { 204: 'none' },
    codes: ['PRESET_NOT_FOUND', 'PRESET_CHANGED'],
  },
  {
    id: 'listFieldProperties',
    method: 'get',
    path: '/field_properties',
    summary: "Lists the company's fields; with layout_id those that may be exported with it, in its order",
    permission,
    query: querySchemas.fields,
    answers: { 200: 'FieldProperties' },
    codes: ['VALIDATION_FAILED', 'EXPORT_LAYOUT_UNKNOWN'],
  },
  {
    id: 'listLayouts',
    method: 'get',
    path: '/layouts',
    summary: "Lists the company's layouts, the default one first",
    permission,
    query: querySchemas.pages,
    answers: { 200: 'Layouts' },
    codes: ['VALIDATION_FAILED'],
  },
  {
    id: 'readDefaultLayout',
    method: 'get',
    path: '/layouts/default',
    summary: "Returns the company's default layout",
    permission,
    answers: { 200: 'Layout' },
    codes: ['EXPORT_LAYOUT_UNKNOWN'],
  },
  {
    id: 'searchContacts',
    method: 'post',
    path: '/search',
    summary: 'Lists the contacts that a criterion selects, page by page',
    permission,
    body: 'ContactsSearch',
    answers: { 200: 'Contacts' },
    answerHeaders: readLimit,
    codes: [
      ...jsonBody,
      'EXPORT_LAYOUT_UNKNOWN',
      'EXPORT_FIELD_UNKNOWN',
      ...configuration,
      'SEARCH_TOO_SLOW',
      'READ_RATE_LIMITED',
    ],
  },
  {
    id: 'eraseExports',
    method: 'post',
    path: '/export/erasures',
    summary: 'Removes the data of a person or of the company and cancels running exports',
    permission: 'contacts.export.erase',
    body: 'ErasureRequest',
    answers: { 200: 'Erasure' },
    codes: jsonBody,
  },
];

/** Returns the OpenAPI document of this service. */
export function apiDocument(): OpenApiDocument {
  return openApiDocument({
    title: 'Waybill intake',
    summary: 'Starts exports of contacts and follows them',
    operations: operations.map(({ path, permission: required, ...operation }) => ({
      ...operation,
      path: `${basePath}${path}`,
      access: `Permission: \`${required}\`.`,
    })),
    commonCodes,
    requests: requestSchemas,
    responses: responseSchemas,
  });
}
