import { locales } from '@waybill/domain';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { endedExport, type EndedExport } from '../ended-export.ts';
import { cancelled, failed, succeeded, testJob } from '@waybill/fixtures';
import { composeMessage } from './message.ts';

const links = { download: 'https://crm.example/files/1', exports: 'https://crm.example/exports' };

function ended(event: Parameters<typeof endedExport>[0]): EndedExport {
  const result = endedExport(event);
  if (result === undefined) throw new Error('the event has no job');
  return result;
}

const textOf = (html: string): string =>
  new JSDOM(html).window.document.body.textContent.replaceAll(/\s+/g, ' ');

describe('the email about a finished export', () => {
  const criterion = {
    search: 'budi',
    filters: [
      { field: 'city', op: 'in', value: ['Jakarta', 'Bogor'] },
      { field: 'age', op: 'gte', value: 30 },
      { field: 'phone', op: 'exists', value: false },
    ],
  };
  const job = testJob({ period: 'last_30_days', sources: ['whatsapp', 'live_chat'] });

  it('says in English what was exported, how much of it, and until when', () => {
    const { subject, html, text } = composeMessage(
      ended(succeeded({ spec: job })),
      { name: 'Ani', criterion },
      links,
    );
    expect(subject).toBe('Your contact export is ready: 10,000 rows (XLSX)');
    for (const said of [
      'Hello Ani,',
      'Default view',
      'Search for “budi”',
      'City is “Jakarta” or “Bogor”',
      'Age is at least 30',
      'Phone is empty',
      'Created in the last 30 days',
      'WhatsApp, Live chat',
      '3 (deleted after the request)',
      '1.2 MB (XLSX)',
      '26 November 2026, 14:00 (GMT+7, Asia/Jakarta)',
      'a3f5'.repeat(16),
    ]) {
      expect(textOf(html)).toContain(said);
      expect(text.replaceAll(/\s+/g, ' ')).toContain(said);
    }
  });

  it('says the same in Indonesian, with its own numbers and dates', () => {
    const event = succeeded({ spec: { ...job, locale: 'id' } });
    const { subject, html } = composeMessage(ended(event), { criterion }, links);
    expect(subject).toBe('Ekspor kontak Anda siap: 10.000 baris (XLSX)');
    expect(html).toContain('<html lang="id"');
    for (const said of ['Halo,', '1,2 MB (XLSX)', '26 November 2026', '3 (dihapus setelah permintaan)']) {
      expect(textOf(html)).toContain(said);
    }
    expect(textOf(html)).toContain('City adalah “Jakarta” atau “Bogor”');
  });

  it('leads to the download and keeps the receipt collapsed', () => {
    const { document } = new JSDOM(composeMessage(ended(succeeded()), {}, links).html).window;
    expect(document.querySelector('a.button')?.getAttribute('href')).toBe(links.download);
    const details = document.querySelector('details');
    expect(details?.hasAttribute('open')).toBe(false);
    expect(details?.textContent).toContain('Notes: 2');
  });

  it('fetches nothing when it is opened: no image, script, font or style sheet', () => {
    const { document } = new JSDOM(composeMessage(ended(succeeded()), {}, links).html).window;
    expect(document.querySelectorAll('img, script, link, iframe, video')).toHaveLength(0);
    expect(document.documentElement.outerHTML).not.toMatch(/url\(|@import/);
  });

  it('shows text of people as text, whatever it holds', () => {
    const nasty = '<img src=x onerror=alert(1)>"&\'';
    const event = succeeded({ spec: testJob({ layout_name: nasty }) });
    const reader = { name: nasty, criterion: { search: nasty, filters: [] } };
    const { html, text } = composeMessage(ended(event), reader, links);
    expect(new JSDOM(html).window.document.querySelectorAll('img')).toHaveLength(0);
    expect(textOf(html)).toContain(`Search for “${nasty}”`);
    expect(text).toContain(nasty);
  });

  it('leaves out what it does not understand of a criterion, and sends the rest', () => {
    const odd = {
      search: 7,
      filters: [{ field: 'city', op: 'sounds_like', value: 'x' }, null, { field: 'age', op: 'eq', value: 3 }],
    };
    const { text } = composeMessage(ended(succeeded()), { criterion: odd }, links);
    expect(text).toContain('Filters: Age is 3');
    expect(composeMessage(ended(succeeded()), { criterion: 'nonsense' }, links).text).not.toContain(
      'Filters',
    );
  });

  it('makes the same bytes of the same event', () => {
    expect(composeMessage(ended(succeeded()), {}, links)).toEqual(
      composeMessage(ended(succeeded()), {}, links),
    );
  });
});

describe('the email about an export without a file', () => {
  it('says why it failed and what to do, in both languages', () => {
    const english = composeMessage(ended(failed()), {}, links);
    expect(english.subject).toBe('Your contact export failed: Too many contacts for one export');
    expect(english.text).toContain('12,500 contacts and the limit is 10,000');
    const indonesian = composeMessage(ended(failed({ spec: testJob({ locale: 'id' }) })), {}, links);
    expect(indonesian.subject).toBe('Ekspor kontak Anda gagal: Terlalu banyak kontak untuk satu ekspor');
    expect(indonesian.text).toContain('12.500 kontak');
  });

  it('tells a code of a newer catalogue as a failure in general', () => {
    const failure = { code: 'EXPORT_OF_TOMORROW', detail: '', params: {} };
    expect(composeMessage(ended(failed({ failure })), {}, links).text).toContain('Retry the export');
  });

  it('says that a cancelled export left no file, and leads to the exports', () => {
    for (const locale of locales) {
      const message = composeMessage(ended(cancelled({ spec: testJob({ locale }) })), {}, links);
      const { document } = new JSDOM(message.html).window;
      expect(document.querySelector('a.button')?.getAttribute('href')).toBe(links.exports);
      expect(document.querySelector('details')).toBeNull();
    }
  });

  it('tells a success without its receipt as the failure that it is', () => {
    expect(composeMessage(ended(succeeded({ receipt: null })), {}, links).subject).toContain('failed');
  });
});
