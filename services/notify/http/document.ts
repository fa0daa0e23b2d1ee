import { erasureRequest } from '@waybill/erasure';
import { openApiDocument, type ApiOperation } from '@waybill/http';
import { deliveryQuery, listQuery, readBody, responses } from './schemas.ts';

const path = '/iag/v1/notifications';
const own = "Requires a session; concerns the session's person.";
const admin = 'Permission: `contacts.export.admin`.';
const jsonBody = ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION_FAILED'] as const;

const operations: readonly ApiOperation[] = [
  {
    id: 'listNotifications',
    method: 'get',
    path,
    summary: 'Lists notifications, newest first, with the number of unread ones',
    access: own,
    query: listQuery,
    answers: { 200: 'Notifications' },
    codes: ['VALIDATION_FAILED'],
  },
  {
    id: 'followNotifications',
    method: 'get',
    path: `${path}/stream`,
    summary: 'Sends the events `unread` and `notification`; Last-Event-ID resumes a stream',
    access: own,
    answers: { 200: 'events' },
    codes: ['TOO_MANY_STREAMS'],
  },
  {
    id: 'readNotification',
    method: 'post',
    path: `${path}/{id}/read`,
    summary: 'Marks one notification as read',
    access: own,
    answers: { 200: 'ReadNotification' },
    codes: ['NOTIFICATION_NOT_FOUND'],
  },
  {
    id: 'readNotifications',
    method: 'post',
    path: `${path}/read`,
    summary: 'Marks notifications as read; all of them without a body',
    access: own,
    body: 'ReadRequest',
    optionalBody: true,
    answers: { 200: 'ReadNotifications' },
    codes: jsonBody,
  },
  {
    id: 'listDeliveries',
    method: 'get',
    path: `${path}/deliveries`,
    summary: 'Lists emails that are stuck (sent or not, nobody knows), failed or scheduled',
    access: admin,
    query: deliveryQuery,
    answers: { 200: 'Deliveries' },
    codes: ['FORBIDDEN', 'VALIDATION_FAILED'],
  },
  {
    id: 'resendDelivery',
    method: 'post',
    path: `${path}/deliveries/{id}/resend`,
    summary: 'Sends a stuck or failed email again; it is retried as any other',
    access: admin,
    answers: { 200: 'ResentDelivery' },
    codes: ['FORBIDDEN', 'NOTIFICATION_NOT_FOUND'],
  },
  {
    id: 'eraseNotifications',
    method: 'post',
    path: `${path}/erasures`,
    summary: 'Erases a person or the company',
    access: 'Permission: `contacts.export.erase`.',
    body: 'ErasureRequest',
    answers: { 200: 'Erasure' },
    codes: ['FORBIDDEN', ...jsonBody],
  },
];

/** Returns the OpenAPI document of the service. */
export function notifyDocument() {
  return openApiDocument({
    title: 'Waybill notify',
    summary: 'Notifications in the app, and the operation of emails',
    operations,
    requests: { ReadRequest: readBody, ErasureRequest: erasureRequest },
    responses,
  });
}
