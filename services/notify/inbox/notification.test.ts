import { describe, expect, it } from 'vitest';
import { endedExport, type EndedExport } from '../ended-export.ts';
import { linksOf } from '../email/links.ts';
import { notificationOf, notificationView } from './notification.ts';
import { cancelled, completedAt, failed, succeeded } from '@waybill/fixtures';

const settings = {
  downloadUrl: 'https://crm.example/history/{job_id}/download',
  exportsPageUrl: 'https://crm.example/exports',
};

function ended(event: Parameters<typeof endedExport>[0]): EndedExport {
  const result = endedExport(event);
  if (result === undefined) throw new Error('the event has no spec');
  return result;
}

function viewOf(event: Parameters<typeof endedExport>[0], locale: 'en' | 'id') {
  const document = { ...notificationOf(ended(event)), read_at: null };
  return notificationView(document, locale, linksOf(document.job_id, settings));
}

describe('notification in the app', () => {
  it('follows from the event alone, so that a replay writes the same', () => {
    expect(notificationOf(ended(succeeded()))).toEqual(notificationOf(ended(succeeded())));
  });

  it('differs for another attempt of the job', () => {
    expect(notificationOf(ended(failed()))._id).not.toBe(
      notificationOf(ended(succeeded({ attempt: 2 })))._id,
    );
  });

  it('links to the download after a success', () => {
    expect(viewOf(succeeded(), 'en')).toMatchObject({
      origin: 'external_url',
      kind: 'export_succeeded',
      url: 'https://crm.example/history/5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11/download',
      body: '9,997 rows. Available until 26 November 2026, 14:00 (GMT+7, Asia/Jakarta).',
      created_at: new Date(completedAt).toISOString(),
      read: false,
    });
  });

  it("is written in the reader's language", () => {
    expect(viewOf(failed(), 'en').body).toContain('Too many contacts for one export.');
    expect(viewOf(failed(), 'id').body).toContain('Terlalu banyak kontak untuk satu ekspor.');
    expect(viewOf(cancelled(), 'id').title).toBe('Ekspor kontak Anda dibatalkan');
  });

  it('does not contain the email address of the requester', () => {
    expect(JSON.stringify(notificationOf(ended(succeeded())))).not.toContain('@');
  });
});
