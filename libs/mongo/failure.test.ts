import { BSON, MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { mapStoreError } from './index.ts';

const answered = (code: number) => new MongoServerError({ code, message: 'answer' });

describe('mapStoreError', () => {
  it.each<[string, Error]>([
    ['a duplicate key', answered(11_000)],
    ['a document that is too large', answered(10_334)],
    ['a value that MongoDB cannot accept', answered(2)],
    ['a call that the driver cannot accept', new MongoInvalidArgumentError('argument')],
    ['a value that BSON cannot hold', new BSON.BSONError('value')],
    ['a mistake of the program', new TypeError('x is not a function')],
  ])('returns EXPORT_FAILED for %s', (_, error) => {
    expect(mapStoreError(error)).toMatchObject({ code: 'EXPORT_FAILED', retryable: false, cause: error });
  });

  it.each<[string, Error]>([
    ['missing rights', answered(13)],
    ['a failed authentication', answered(18)],
    ['a query that took too long', answered(50)],
    ['a full disk', answered(14_031)],
    ['a code that we do not know', answered(987_654)],
    ['a lost connection', new MongoNetworkError('connection closed')],
  ])('returns SERVICE_UNAVAILABLE for %s', (_, error) => {
    expect(mapStoreError(error)).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
      cause: error,
    });
  });
});
