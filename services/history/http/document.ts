import { erasureRequest } from '@waybill/erasure';
import { openApiDocument, type ApiOperation } from '@waybill/http';
import { listQuery } from './list-query.ts';
import { responses } from './schemas.ts';

const path = '/iag/v1/contacts/export/history';
const visible =
  "One's own: `contacts.export`; the company's: `contacts.export.history.company`; the organisation's: `contacts.export.history.organization`.";

const operations: readonly ApiOperation[] = [
  {
    id: 'listHistory',
    method: 'get',
    path,
    summary: 'Exports that ended, newest request first',
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
    codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND'],
  },
  {
    id: 'listDownloads',
    method: 'get',
    path: `${path}/{job_id}/downloads`,
    summary: 'Who clicked on the download, when, from where, and what came of it',
    access: visible,
    answers: { 200: 'Downloads' },
    codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND'],
  },
  {
    id: 'downloadFile',
    method: 'get',
    path: `${path}/{job_id}/download`,
    summary: 'Leads to the file, at an address signed for five minutes at most',
    access: `Permission: \`contacts.export\`, and the right to see the entry. ${visible} A browser may bring its session's cookie.`,
    answers: { 302: 'none' },
    codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND', 'EXPORT_WITHOUT_FILE', 'EXPORT_EXPIRED'],
  },
  {
    id: 'eraseHistory',
    method: 'post',
    path: `${path}/erasures`,
    summary: 'Removes what is known of a person or of the company, files included',
    access: 'Permission: `contacts.export.admin`.',
    body: 'ErasureRequest',
    answers: { 200: 'Erasure' },
    codes: ['FORBIDDEN', 'MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION_FAILED'],
  },
];

export function historyDocument() {
  return openApiDocument({
    title: 'Waybill history',
    summary: 'The record of exports, and their files',
    operations,
    requests: { ErasureRequest: erasureRequest },
    responses,
  });
}
