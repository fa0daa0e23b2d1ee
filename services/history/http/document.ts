import { erasureRequest } from '@waybill/erasure';
import { openApiDocument, type ApiOperation } from '@waybill/http';
import { downloadsQuery, listQuery, skippedQuery } from './list-query.ts';
import { historyPath as path } from './routes.ts';
import { responses } from './schemas.ts';

const visible =
  "One's own: `contacts.export`; the company's: `contacts.export.history.company`; the organisation's: `contacts.export.history.organization`.";

const operations: readonly ApiOperation[] = [
  {
    id: 'listHistory',
    method: 'get',
    path,
    summary: 'Finished exports, newest request first',
    access: visible,
    query: listQuery,
    answers: { 200: 'History' },
    codes: ['FORBIDDEN', 'VALIDATION_FAILED'],
  },
  {
    id: 'readHistoryEntry',
    method: 'get',
    path: `${path}/{job_id}`,
    summary: 'One export with its receipt',
    access: visible,
    answers: { 200: 'HistoryEntry' },
    codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND', 'VALIDATION_FAILED'],
  },
  {
    id: 'listDownloads',
    method: 'get',
    path: `${path}/{job_id}/downloads`,
    summary:
      'The clicks on the download: person, time and outcome; for administrators email, address and agent',
    access: visible,
    query: downloadsQuery,
    answers: { 200: 'Downloads' },
    codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND', 'VALIDATION_FAILED'],
  },
  {
    id: 'listSkipped',
    method: 'get',
    path: `${path}/{job_id}/skipped`,
    summary:
      'The ids of the contacts that were skipped, in the order of the selection, as long as the file exists',
    access: visible,
    query: skippedQuery,
    answers: { 200: 'Skipped' },
    codes: [
      'FORBIDDEN',
      'EXPORT_NOT_FOUND',
      'EXPORT_WITHOUT_FILE',
      'EXPORT_EXPIRED',
      'VALIDATION_FAILED',
      'STORAGE_UNAVAILABLE',
    ],
  },
  {
    id: 'downloadFile',
    method: 'get',
    path: `${path}/{job_id}/download`,
    summary: 'Redirects to the file, at a URL that is valid for at most five minutes',
    access: `Permission: \`contacts.export\`, and the right to see the entry. ${visible} A browser may send its session cookie.`,
    answers: { 302: 'none' },
    codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND', 'EXPORT_WITHOUT_FILE', 'EXPORT_EXPIRED'],
  },
  {
    id: 'eraseHistory',
    method: 'post',
    path: `${path}/erasures`,
    summary: 'Erases the data of a person or of the company, files included',
    access: 'Permission: `contacts.export.erase`.',
    body: 'ErasureRequest',
    answers: { 200: 'Erasure' },
    codes: ['FORBIDDEN', 'MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION_FAILED'],
  },
];

export function historyDocument() {
  return openApiDocument({
    title: 'Waybill history',
    summary: 'The history of exports, and their files',
    operations,
    requests: { ErasureRequest: erasureRequest },
    responses,
  });
}
