import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { actionOn, failureOfDeadLetter } from './failure-policy.ts';

const keyTaken = new ExportError('STORAGE_FAILED', { params: { reason: 'PreconditionFailed' } });

describe('actionOn', () => {
  it.each(['EXPORT_BATCH_UNREADABLE', 'SEALED_DATA_UNREADABLE', 'SHEET_ROW_LENGTH'] as const)(
    'dead-letters a message that fails with %s',
    (code) => expect(actionOn(new ExportError(code))).toBe('dead-letter'),
  );

  it('waits after a fault that passes', () => {
    expect(actionOn(new ExportError('SERVICE_UNAVAILABLE'))).toBe('wait');
  });

  it('waits for a key that this process does not have yet', () => {
    expect(actionOn(new ExportError('ENCRYPTION_KEY_UNKNOWN'))).toBe('wait');
  });

  it('reads the job again under the next epoch when its storage key is taken', () => {
    expect(actionOn(keyTaken)).toBe('wait');
  });

  it('fails the job after any other fault', () => {
    expect(actionOn(new ExportError('EXPORT_FAILED'))).toBe('fail');
    expect(actionOn(new ExportError('STORAGE_FAILED', { params: { reason: 'EntityTooLarge' } }))).toBe(
      'fail',
    );
  });
});

describe('failureOfDeadLetter', () => {
  it('reports every unreadable message as EXPORT_BATCH_UNREADABLE', () => {
    for (const code of ['EVENT_UNREADABLE', 'SEALED_DATA_UNREADABLE', 'SHEET_ROW_LENGTH'] as const) {
      expect(failureOfDeadLetter(new ExportError(code)).code).toBe('EXPORT_BATCH_UNREADABLE');
    }
  });

  it('reports exhausted retries as EXPORT_FAILED, since the text of SERVICE_UNAVAILABLE is for callers', () => {
    expect(failureOfDeadLetter(new ExportError('SERVICE_UNAVAILABLE')).code).toBe('EXPORT_FAILED');
  });

  it('keeps every other failure', () => {
    const cause = new ExportError('FORBIDDEN');
    expect(failureOfDeadLetter(cause)).toBe(cause);
  });
});
