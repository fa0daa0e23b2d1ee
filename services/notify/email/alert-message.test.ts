import { describe, expect, it } from 'vitest';
import { endedExport } from '../ended-export.ts';
import { cancelled, succeeded } from '@waybill/fixtures';
import { composeAlert, rowsOf } from './alert-message.ts';

const links = { download: 'https://crm.example/files/1', exports: 'https://crm.example/exports' };
const requester = { email: 'ani@example.com', name: 'Ani', criterion: { search: 'a secret search' } };

function endedOf(make: typeof succeeded) {
  const ended = endedExport(make());
  if (ended === undefined) throw new Error('the event has no job');
  return ended;
}

function alert(locale: 'en' | 'id', who: typeof requester | { email: string } = requester) {
  const administrator = { name: 'Sri', locale };
  return composeAlert({ ended: endedOf(succeeded), requester: who, threshold: 5_000, administrator }, links);
}

describe('the alert about a large export', () => {
  it("speaks the administrator's language, not the requester's", () => {
    expect(alert('en').subject).toBe('A large contact export in your company: 10,000 rows');
    expect(alert('id').subject).toBe('Ekspor kontak besar di perusahaan Anda: 10.000 baris');
    expect(alert('id').text).toContain('Halo Sri,');
  });

  it('names who exported, by their address where they gave no name', () => {
    expect(alert('en').text).toContain(
      'Ani exported 10,000 contacts. Your company asks to be told above 5,000.',
    );
    expect(alert('en', { email: 'ani@example.com' }).text).toContain('ani@example.com exported 10,000');
  });

  it('leads to the list of exports, never to the file, and repeats no search', () => {
    const { html, text } = alert('en');
    expect(html).toContain(`href="${links.exports}"`);
    expect(html + text).not.toContain(links.download);
    expect(html + text).not.toContain('a secret search');
  });

  it('counts the rows of the file, and none where there is no file', () => {
    expect(rowsOf(endedOf(succeeded))).toBe(10_000);
    expect(rowsOf(endedOf(cancelled))).toBe(0);
  });
});
