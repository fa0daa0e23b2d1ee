import { installationPrefix } from '@waybill/object-storage';
import type { FileFormat } from '@waybill/schemas';
import { DateTime } from 'luxon';

export interface FileNaming {
  readonly layoutName: string;
  /** Instant of the snapshot, in ms since the epoch. */
  readonly at: number;
  /** IANA id. */
  readonly timezone: string;
  readonly jobId: string;
  readonly format: FileFormat;
}

/** Names of a file: one for people, and one in plain ASCII for storage keys and old programs. */
export interface FileNames {
  readonly shown: string;
  readonly ascii: string;
}

/** Longest layout name in a file name: file systems allow 255 bytes, also in UTF-8. */
const layoutCharacters = 50;

/** Returns `contacts_{layout}_{local date-time}_{first 8 of the job id}.{format}`. */
export function fileNames(naming: FileNaming): FileNames {
  const local = DateTime.fromMillis(naming.at, {
    zone: naming.timezone,
    locale: 'en',
    numberingSystem: 'latn',
  });
  const time = local.toFormat('yyyy-MM-dd_HH-mm-ss');
  const name = (layout: string): string =>
    ['contacts', ...(layout === '' ? [] : [layout]), time, naming.jobId.slice(0, 8)].join('_') +
    `.${naming.format}`;
  return { shown: name(shownLayout(naming.layoutName)), ascii: name(asciiLayout(naming.layoutName)) };
}

/** Keeps letters, digits and marks of any script; replaces anything else, such as slashes, with a hyphen. */
function shownLayout(layoutName: string): string {
  return trimmed(layoutName.normalize('NFC').replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-'));
}

/** Removes accents, and letters of other scripts, which have no ASCII form. */
function asciiLayout(layoutName: string): string {
  const plain = layoutName.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
  return trimmed(plain.replaceAll(/[^A-Za-z0-9]+/g, '-'));
}

function trimmed(text: string): string {
  // Cut between code points: half of one is not a character.
  return Array.from(text)
    .slice(0, layoutCharacters)
    .join('')
    .replaceAll(/^-+|-+$/g, '');
}

/** The claim that a storage key names. */
export interface KeyOwner {
  readonly companyId: string;
  readonly jobId: string;
  readonly epoch: number;
}

/** Returns the storage key of the file that an installation writes under an epoch. */
export function storageKey(
  installation: string,
  { companyId, jobId, epoch }: KeyOwner,
  asciiName: string,
): string {
  return `${installationPrefix(installation)}${encodeURIComponent(companyId)}/${jobId}/${epoch}/${asciiName}`;
}

/** Returns the claim that a key names; undefined for a key that render did not create in this installation. */
export function parseStorageKey(installation: string, key: string): KeyOwner | undefined {
  const prefix = installationPrefix(installation);
  if (!key.startsWith(prefix)) return undefined;
  const [company, jobId, epoch, name, ...rest] = key.slice(prefix.length).split('/');
  if (company === undefined || jobId === undefined || name === undefined || rest.length > 0) return undefined;
  if (epoch === undefined || !/^[1-9]\d*$/.test(epoch)) return undefined;
  const companyId = decoded(company);
  return companyId === undefined ? undefined : { companyId, jobId, epoch: Number(epoch) };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // not a text that encodeURIComponent returns
  }
}
