import type { FileFormat } from '@waybill/schemas';
import { DateTime } from 'luxon';

export interface FileNameParts {
  readonly layoutName: string;
  /** Instant of the snapshot, in ms since the epoch. */
  readonly at: number;
  /** IANA id. */
  readonly timezone: string;
  readonly jobId: string;
  readonly format: FileFormat;
}

/** The names of a file: what a person sees, and its form in plain ASCII for keys and old programs. */
export interface FileNames {
  readonly shown: string;
  readonly ascii: string;
}

/** Longest layout part: names have to stay below the 255 bytes that file systems allow, also in UTF-8. */
const layoutCharacters = 50;

/** `contacts_{layout}_{local date-time}_{first 8 of the job id}.{format}` */
export function fileNames(parts: FileNameParts): FileNames {
  const local = DateTime.fromMillis(parts.at, {
    zone: parts.timezone,
    locale: 'en',
    numberingSystem: 'latn',
  });
  const time = local.toFormat('yyyy-MM-dd_HH-mm-ss');
  const name = (layout: string): string =>
    ['contacts', ...(layout === '' ? [] : [layout]), time, parts.jobId.slice(0, 8)].join('_') +
    `.${parts.format}`;
  return { shown: name(shownLayout(parts.layoutName)), ascii: name(asciiLayout(parts.layoutName)) };
}

/** Letters, digits and marks of any script stay; all else, such as slashes and control characters, becomes a hyphen. */
function shownLayout(layoutName: string): string {
  return trimmed(layoutName.normalize('NFC').replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-'));
}

/** Accents go; letters of other scripts have no ASCII form and are left out. */
function asciiLayout(layoutName: string): string {
  const plain = layoutName.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
  return trimmed(plain.replaceAll(/[^A-Za-z0-9]+/g, '-'));
}

function trimmed(text: string): string {
  // Cut between code points: half of one is no character.
  return Array.from(text)
    .slice(0, layoutCharacters)
    .join('')
    .replaceAll(/^-+|-+$/g, '');
}

/** The storage key of the file that is made under an epoch. */
export function storageKey(companyId: string, jobId: string, epoch: number, asciiName: string): string {
  return `${filesPrefix}${encodeURIComponent(companyId)}/${jobId}/${epoch}/${asciiName}`;
}

/** Every file of every company. */
export const filesPrefix = 'private/exports/';

/** Whose file a key names; undefined for a key that render did not make. */
export function parseStorageKey(
  key: string,
): { readonly companyId: string; readonly jobId: string; readonly epoch: number } | undefined {
  if (!key.startsWith(filesPrefix)) return undefined;
  const [company, jobId, epoch, name, ...rest] = key.slice(filesPrefix.length).split('/');
  if (company === undefined || jobId === undefined || name === undefined || rest.length > 0) return undefined;
  if (epoch === undefined || !/^[1-9]\d*$/.test(epoch)) return undefined;
  return { companyId: decodeURIComponent(company), jobId, epoch: Number(epoch) };
}
