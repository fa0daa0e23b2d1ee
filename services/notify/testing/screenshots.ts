/**
 * `npm run screenshots -w @waybill/notify [-- DIR]`: renders the emails in Chromium as PNG files, so that a change can be
 * looked at. Uses `chromium` from the PATH, or the program that CHROMIUM names.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Locale } from '@waybill/domain';
import escapeHtml from 'escape-html';
import { composeAlert, composeMessage } from '../email/message.ts';
import { endedExport, type EndedExport } from '../ended-export.ts';
import { cancelled, failed, succeeded, exportSpec } from '@waybill/fixtures';

interface Shot {
  readonly name: string;
  readonly html: string;
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

const links = {
  download:
    'https://crm.example.co.id/iag/v1/contacts/export/history/5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11/download',
  exports: 'https://crm.example.co.id/',
};
const reader = {
  email: 'ani.wijaya@example.co.id',
  name: 'Ani Wijaya',
  criterion: {
    search: 'budi',
    filters: [
      { field: 'city', op: 'in', value: ['Jakarta', 'Bogor'] },
      { field: 'age', op: 'gte', value: 30 },
      { field: 'phone', op: 'exists', value: false },
    ],
  },
};

function ended(make: typeof succeeded, locale: Locale): EndedExport {
  const spec = exportSpec({ locale, period: 'last_30_days', sources: ['whatsapp', 'live_chat'] });
  const made = endedExport(make({ spec }));
  if (made === undefined) throw new Error('the event has no spec');
  return made;
}

const email = (make: typeof succeeded, locale: Locale): string =>
  composeMessage(ended(make, locale), reader, links).html;
const opened = (html: string): string => html.replace('<details', '<details open');

function alert(locale: Locale): string {
  const administrator = { name: 'Sri Lestari', locale };
  const made = ended(succeeded, locale);
  return composeAlert({ ended: made, requester: reader, threshold: 5_000, administrator }, links).html;
}

/** Wraps an email in a frame as narrow as a telephone: Chromium's own window is at least 500 pixels wide. */
function framed(html: string, width: number, height: number): string {
  const style = `width:${width}px;height:${height}px;border:0;display:block`;
  return `<!doctype html><body style="margin:0"><iframe style="${style}" srcdoc="${escapeHtml(html)}"></iframe>`;
}

const shots: readonly Shot[] = [
  { name: 'ready-en', html: email(succeeded, 'en'), width: 680, height: 1120 },
  { name: 'ready-id-receipt', html: opened(email(succeeded, 'id')), width: 680, height: 1640 },
  { name: 'ready-en-dark', html: email(succeeded, 'en'), width: 680, height: 1120, dark: true },
  { name: 'failed-en', html: email(failed, 'en'), width: 680, height: 1010 },
  { name: 'failed-id', html: email(failed, 'id'), width: 680, height: 1010 },
  { name: 'cancelled-en', html: email(cancelled, 'en'), width: 680, height: 940 },
  { name: 'alert-en', html: alert('en'), width: 680, height: 1120 },
  { name: 'alert-id', html: alert('id'), width: 680, height: 1120 },
  ...(['en', 'id'] as const).map((locale) => ({
    name: `narrow-${locale}`,
    html: framed(opened(email(succeeded, locale)), 360, 2180),
    width: 500,
    height: 2180,
  })),
];

async function shoot({ name, html, width, height, dark }: Shot, directory: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'email-'));
  try {
    const page = join(work, 'email.html');
    await writeFile(page, html);
    await promisify(execFile)(process.env['CHROMIUM'] ?? 'chromium', [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic'],
      ...['--no-first-run', '--disable-component-update', '--disable-sync', '--hide-scrollbars'],
      ...(dark === true ? ['--blink-settings=preferredColorScheme=0'] : []),
      `--user-data-dir=${join(work, 'profile')}`,
      `--window-size=${width},${height}`,
      `--screenshot=${join(directory, `${name}.png`)}`,
      pathToFileURL(page).href,
    ]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const directory = resolve(process.argv[2] ?? 'emails');
await mkdir(directory, { recursive: true });
for (const shot of shots) await shoot(shot, directory);
