import { locales } from '@waybill/domain';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { endedExport, type EndedExport } from '../ended-export.ts';
import { cancelled, failed, succeeded, exportSpec } from '@waybill/fixtures';
import { composeAlert, composeMessage } from './message.ts';

const links = { download: 'https://crm.example/files/1', exports: 'https://crm.example/exports' };

function ended(event: Parameters<typeof endedExport>[0]): EndedExport {
  const result = endedExport(event);
  if (result === undefined) throw new Error('the event has no spec');
  return result;
}

const textOf = (html: string): string =>
  new JSDOM(html).window.document.body.textContent.replaceAll(/\s+/g, ' ');

describe('email about a finished export', () => {
  const criterion = {
    search: 'budi',
    filters: [
      { field: 'city', op: 'in', value: ['Jakarta', 'Bogor'] },
      { field: 'age', op: 'gte', value: 30 },
      { field: 'phone', op: 'exists', value: false },
    ],
  };
  const spec = exportSpec({ period: 'last_30_days', sources: ['whatsapp', 'live_chat'] });

  it('contains in English what was exported, how many rows, and until when it is available', () => {
    const { subject, html, text } = composeMessage(
      ended(succeeded({ spec })),
      { name: 'Ani', criterion },
      links,
    );
    expect(subject).toBe('Your contact export is ready: 9,997 rows (XLSX)');
    for (const expected of [
      'Hello Ani,',
      'Default view',
      'Search for “budi”',
      'City is “Jakarta” or “Bogor”',
      'Age is at least 30',
      'Phone is empty',
      'Created in the last 30 days',
      'WhatsApp, Live chat',
      '3 (deleted or not found)',
      '1.2 MB (XLSX)',
      '26 November 2026, 14:00 (GMT+7, Asia/Jakarta)',
      'a3f5'.repeat(16),
    ]) {
      expect(textOf(html)).toContain(expected);
      expect(text.replaceAll(/\s+/g, ' ')).toContain(expected);
    }
  });

  it('contains the same in Indonesian, with Indonesian numbers and dates', () => {
    const event = succeeded({ spec: { ...spec, locale: 'id' } });
    const { subject, html } = composeMessage(ended(event), { criterion }, links);
    expect(subject).toBe('Ekspor kontak Anda siap: 9.997 baris (XLSX)');
    expect(html).toContain('<html lang="id"');
    for (const expected of [
      'Halo,',
      '1,2 MB (XLSX)',
      '26 November 2026',
      '3 (dihapus atau tidak ditemukan)',
    ]) {
      expect(textOf(html)).toContain(expected);
    }
    expect(textOf(html)).toContain('City adalah “Jakarta” atau “Bogor”');
  });

  it("names fields in the requester's language, and a removed field by its stored name", () => {
    const labels = new Map([
      ['city', 'Kota'],
      ['notes', 'Catatan'],
      ['first_name', 'Nama depan'],
    ]);
    const fieldName = (field: string) => labels.get(field) ?? field;
    const event = succeeded({ spec: { ...spec, locale: 'id' } });
    const { text } = composeMessage(ended(event), { criterion, fieldName }, links);
    expect(text).toContain('Kota adalah “Jakarta” atau “Bogor”');
    expect(text).toContain('Kolom: Nama depan, phone, Catatan');
    expect(text).toContain('Catatan: 2');
    expect(text).not.toMatch(/First name|Notes/);
  });

  it.each([
    ['en', 1, 'Without 1 excluded contact'],
    ['en', 1_000, 'Without 1,000 excluded contacts'],
    ['id', 1_000, 'Tanpa 1.000 kontak yang dikecualikan'],
  ] as const)('says in %s that %i contacts were taken out of the selection', (locale, count, expected) => {
    const event = succeeded({ spec: exportSpec({ locale, excluded_count: count }) });
    expect(composeMessage(ended(event), {}, links).text).toContain(expected);
    const none = succeeded({ spec: exportSpec({ locale }) });
    expect(composeMessage(ended(none), {}, links).text).not.toMatch(/excluded|dikecualikan/);
  });

  it('names the version of the timezone database in the receipt', () => {
    expect(composeMessage(ended(succeeded()), {}, links).text).toContain('Timezone database: 2026c');
  });

  it('links to the download and has a collapsed receipt', () => {
    const { document } = new JSDOM(composeMessage(ended(succeeded()), {}, links).html).window;
    expect(document.querySelector('a.button')?.getAttribute('href')).toBe(links.download);
    const details = document.querySelector('details');
    expect(details?.hasAttribute('open')).toBe(false);
    expect(details?.textContent).toContain('Notes: 2');
  });

  it('has no image, script, font or style sheet that opening it would fetch', () => {
    const { document } = new JSDOM(composeMessage(ended(succeeded()), {}, links).html).window;
    expect(document.querySelectorAll('img, script, link, iframe, video')).toHaveLength(0);
    expect(document.documentElement.outerHTML).not.toMatch(/url\(|@import/);
  });

  it('escapes HTML in names, layouts and search terms', () => {
    const markup = '<img src=x onerror=alert(1)>"&\'';
    const event = succeeded({ spec: exportSpec({ layout_name: markup }) });
    const reader = { name: markup, criterion: { search: markup, filters: [] } };
    const { html, text } = composeMessage(ended(event), reader, links);
    expect(new JSDOM(html).window.document.querySelectorAll('img')).toHaveLength(0);
    expect(textOf(html)).toContain(`Search for “${markup}”`);
    expect(text).toContain(markup);
  });

  it('omits the parts of a criterion that it does not know', () => {
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

  it('has the same bytes for the same event', () => {
    expect(composeMessage(ended(succeeded()), {}, links)).toEqual(
      composeMessage(ended(succeeded()), {}, links),
    );
  });
});

describe('email about an export without a file', () => {
  it('contains the reason of a failure and what to do, in both languages', () => {
    const english = composeMessage(ended(failed()), {}, links);
    expect(english.subject).toBe('Your contact export failed: Too many contacts for one export');
    expect(english.text).toContain('12,500 contacts and the limit is 10,000');
    const indonesian = composeMessage(ended(failed({ spec: exportSpec({ locale: 'id' }) })), {}, links);
    expect(indonesian.subject).toBe('Ekspor kontak Anda gagal: Terlalu banyak kontak untuk satu ekspor');
    expect(indonesian.text).toContain('12.500 kontak');
  });

  it('contains the general text of a failure for a code of a newer catalogue', () => {
    const failure = { code: 'EXPORT_OF_TOMORROW', detail: '', params: {} };
    expect(composeMessage(ended(failed({ failure })), {}, links).text).toContain('Retry the export');
  });

  it('has no receipt after a cancellation and links to the list of exports', () => {
    for (const locale of locales) {
      const message = composeMessage(ended(cancelled({ spec: exportSpec({ locale }) })), {}, links);
      const { document } = new JSDOM(message.html).window;
      expect(document.querySelector('a.button')?.getAttribute('href')).toBe(links.exports);
      expect(document.querySelector('details')).toBeNull();
    }
  });

  it('reports a success without a receipt as a failure', () => {
    expect(composeMessage(ended(succeeded({ receipt: null })), {}, links).subject).toContain('failed');
  });
});

const requester = { email: 'ani@example.com', name: 'Ani', criterion: { search: 'a secret search' } };

function alert(locale: 'en' | 'id', who: { email: string; name?: string } = requester) {
  const administrator = { name: 'Sri', locale };
  return composeAlert({ ended: ended(succeeded()), requester: who, threshold: 5_000, administrator }, links);
}

describe('alert about a large export', () => {
  it("is written in the administrator's language, not in the requester's", () => {
    expect(alert('en').subject).toBe('A large contact export in your company: 9,997 rows');
    expect(alert('id').subject).toBe('Ekspor kontak besar di perusahaan Anda: 9.997 baris');
    expect(alert('id').text).toContain('Halo Sri,');
  });

  it('names the requester, by address if they have no name', () => {
    expect(alert('en').text).toContain(
      'Ani exported 9,997 contacts. Your company asks for a notice above 5,000.',
    );
    expect(alert('en', { email: 'ani@example.com' }).text).toContain('ani@example.com exported 9,997');
  });

  it.each(['en', 'id'] as const)(
    'never addresses the administrator as the one who exported (%s)',
    (locale) => {
      const modes = ['ids', 'filtered', 'first_10k_sorted', 'all'] as const;
      for (const selection_mode of modes) {
        const made = ended(succeeded({ spec: exportSpec({ selection_mode, period: 'today' }) }));
        const administrator = { name: 'Sri', locale };
        const { text } = composeAlert({ ended: made, requester, threshold: 5_000, administrator }, links);
        const facts = text.slice(text.indexOf(links.exports), text.indexOf('\n--'));
        expect(facts).not.toMatch(/\b(?:you|your|anda)\b/i);
        expect(text).toMatch(/Ani (?:exported|mengekspor) 9[.,]997/);
      }
    },
  );

  it('links to the list of exports and contains neither the file link nor the search', () => {
    const { html, text } = alert('en');
    expect(html).toContain(`href="${links.exports}"`);
    expect(html + text).not.toContain(links.download);
    expect(html + text).not.toContain('a secret search');
  });
});
