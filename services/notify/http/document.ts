import { erasureRequest } from '@waybill/erasure';
import { openApiDocument, type ApiOperation } from '@waybill/http';
import { stuckQuery } from './operator-routes.ts';
import { listQuery, readBody } from './routes.ts';
import { responses } from './schemas.ts';

const path = '/iag/v1/notifications';
const own = "Anyone with a session, about the session's person.";
const admin = 'Permission: `contacts.export.admin`.';
const jsonBody = ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION_FAILED'] as const;

const operations: readonly ApiOperation[] = [
  {
    id: 'listNotifications',
    method: 'get',
    path,
    summary: 'Notifications, newest first, and how many are unread',
    access: own,
    query: listQuery,
    answers: { 200: 'Notifications' },
    codes: ['VALIDATION_FAILED'],
  },
  {
    id: 'followNotifications',
    method: 'get',
    path: `${path}/stream`,
    summary: 'Events `unread` and `notification` as they come; Last-Event-ID goes on after a cut',
    access: own,
    answers: { 200: 'events' },
    codes: [],
  },
  {
    id: 'readNotification',
    method: 'post',
    path: `${path}/{id}/read`,
    summary: 'Marks one as read',
    access: own,
    answers: { 200: 'ReadNotification' },
    codes: ['NOTIFICATION_NOT_FOUND'],
  },
  {
    id: 'readNotifications',
    method: 'post',
    path: `${path}/read`,
    summary: 'Marks some as read, or all where there is no body',
    access: own,
    body: 'ReadRequest',
    optionalBody: true,
    answers: { 200: 'ReadNotifications' },
    codes: jsonBody,
  },
  {
    id: 'listStuckDeliveries',
    method: 'get',
    path: `${path}/deliveries`,
    summary: 'Emails that may or may not have gone out',
    access: admin,
    query: stuckQuery,
    answers: { 200: 'StuckDeliveries' },
    codes: ['FORBIDDEN', 'VALIDATION_FAILED'],
  },
  {
    id: 'resendDelivery',
    method: 'post',
    path: `${path}/deliveries/{id}/resend`,
    summary: 'Sends a stuck email again',
    access: admin,
    answers: { 200: 'ResentDelivery' },
    codes: ['FORBIDDEN', 'NOTIFICATION_NOT_FOUND'],
  },
  {
    id: 'eraseNotifications',
    method: 'post',
    path: `${path}/erasures`,
    summary: 'Removes what is known of a person or of the company',
    access: admin,
    body: 'ErasureRequest',
    answers: { 200: 'Erasure' },
    codes: ['FORBIDDEN', ...jsonBody],
  },
];

export function notifyDocument() {
  return openApiDocument({
    title: 'Waybill notify',
    summary: 'Notifications in the app, and what an operator does about emails',
    operations,
    requests: { ReadRequest: readBody, ErasureRequest: erasureRequest },
    responses,
  });
}
