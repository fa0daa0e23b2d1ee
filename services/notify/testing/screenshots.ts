/**
 * `npm run screenshots -w @waybill/notify [-- DIR]`: renders each email in Chromium as PNG files, in both languages, at 360 and
 * 680 pixels, light and dark, so that a change can be looked at. Uses `chromium` from the PATH, or the program that CHROMIUM names.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { builtInField } from '@waybill/contacts';
import { locales, type Locale } from '@waybill/domain';
import escapeHtml from 'escape-html';
import { composeAlert, composeMessage } from '../email/message.ts';
import { endedExport, type EndedExport } from '../ended-export.ts';
import { cancelled, failed, succeeded, exportSpec } from '@waybill/fixtures';

interface Shot {
  readonly name: string;
  readonly html: string;
  /** Of the email, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

const links = {
  download:
    'https://crm.example.co.id/iag/v1/contacts/export/history/5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11/download',
  exports: 'https://crm.example.co.id/',
};
const requester = {
  email: 'ani.wijaya@example.co.id',
  name: 'Ani Wijaya',
  criterion: {
    search: 'budi',
    filters: [
      { field: 'city', op: 'in', value: ['Jakarta', 'Bogor'] },
      { field: 'lead_score', op: 'gte', value: 30 },
      { field: 'phone', op: 'exists', value: false },
    ],
  },
};

function ended(make: typeof succeeded, locale: Locale): EndedExport {
  const spec = exportSpec({
    locale,
    period: 'last_30_days',
    sources: ['whatsapp', 'live_chat'],
    excluded_count: 2,
  });
  const made = endedExport(make({ spec }));
  if (made === undefined) throw new Error('the event has no spec');
  return made;
}

function email(make: typeof succeeded, locale: Locale): string {
  const fieldName = (name: string) => builtInField(name)?.header[locale] ?? name;
  return composeMessage(ended(make, locale), { ...requester, fieldName }, links).html;
}

function alert(locale: Locale): string {
  const administrator = { name: 'Sri Lestari', locale };
  const made = ended(succeeded, locale);
  return composeAlert({ ended: made, requester, threshold: 5_000, administrator }, links).html;
}

/** Each email, and its height at the two widths. */
const kinds: Readonly<
  Record<string, { readonly html: (locale: Locale) => string; readonly heights: readonly [number, number] }>
> = {
  ready: { html: (locale) => email(succeeded, locale), heights: [1490, 1140] },
  receipt: {
    html: (locale) => email(succeeded, locale).replace('<details', '<details open'),
    heights: [2310, 1740],
  },
  failed: { html: (locale) => email(failed, locale), heights: [1280, 970] },
  cancelled: { html: (locale) => email(cancelled, locale), heights: [1210, 915] },
  alert: { html: alert, heights: [1450, 1070] },
};

/** The width of a telephone, and one that shows the whole card. */
const widths = [360, 680] as const;

const shots: readonly Shot[] = Object.entries(kinds).flatMap(([kind, { html, heights }]) =>
  locales.flatMap((locale) =>
    widths.flatMap((width, index) =>
      [false, true].map((dark) => ({
        name: `${kind}-${locale}-${width}${dark ? '-dark' : ''}`,
        html: html(locale),
        width,
        height: heights[index] ?? 0,
        dark,
      })),
    ),
  ),
);

/** Wraps an email in a frame of its width: Chromium's own window is at least 500 pixels wide. */
function framed({ html, width, height }: Shot): string {
  const style = `width:${width}px;height:${height}px;border:0;display:block`;
  return `<!doctype html><meta name="color-scheme" content="light dark"><body style="margin:0"><iframe style="${style}" srcdoc="${escapeHtml(html)}"></iframe>`;
}

async function shoot(shot: Shot, directory: string): Promise<void> {
  const { name, width, height, dark } = shot;
  const work = await mkdtemp(join(tmpdir(), 'email-'));
  try {
    const page = join(work, 'email.html');
    await writeFile(page, framed(shot));
    await promisify(execFile)(process.env['CHROMIUM'] ?? 'chromium', [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic'],
      ...['--no-first-run', '--disable-component-update', '--disable-sync', '--hide-scrollbars'],
      ...(dark ? ['--blink-settings=preferredColorScheme=0'] : []),
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
