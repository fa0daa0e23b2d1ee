import { randomBytes } from 'node:crypto';
import { ExportError } from '@waybill/errors';
import { parseKeys, type KeySettings } from '@waybill/crypto';

/** The keys that one process knows, as it publishes them in `waybill_encryption_key_info`. */
export interface ProcessKeys {
  /** The address of the process. */
  readonly url: string;
  readonly keyIds: readonly string[];
  readonly currentKeyId: string | undefined;
}

/** The next step of a rotation: the settings to roll out, or the reason why that is not safe yet. */
export type Step =
  | { readonly kind: 'add' | 'use' | 'remove'; readonly keyId: string; readonly settings: KeySettings }
  | { readonly kind: 'wait'; readonly reason: string };

/** Returns a new id with the day, such as `key-20261124-9f3c`. */
export function newKeyId(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  return `key-${day}-${randomBytes(2).toString('hex')}`;
}

function settingsOf(keys: ReadonlyMap<string, string>, keyId: string): KeySettings {
  const all = [...keys].map(([id, key]) => `${id}:${key}`).join(',');
  return { KEY_ENCRYPTION_KEYS: all, KEY_ENCRYPTION_KEY_ID: keyId };
}

/**
 * Returns the next step. The first step adds a key that every process can read and none uses; the second makes it
 * current, once every process knows it. The newest key is the last one.
 */
export function nextStep(settings: KeySettings, processes: readonly ProcessKeys[], fresh: string): Step {
  const keys = parseKeys(settings.KEY_ENCRYPTION_KEYS);
  const newest = [...keys.keys()].at(-1) ?? '';
  if (newest === settings.KEY_ENCRYPTION_KEY_ID) {
    // A process that still uses the key before would not be ready for another rotation.
    const late = processes.filter(({ currentKeyId }) => currentKeyId !== newest);
    if (late.length > 0) return { kind: 'wait', reason: `${urlsOf(late)} do not use ${newest} yet` };
    const added = new Map([...keys, [fresh, randomBytes(32).toString('base64')]]);
    return { kind: 'add', keyId: fresh, settings: settingsOf(added, newest) };
  }
  const unready = processes.filter(({ keyIds }) => !keyIds.includes(newest));
  if (unready.length > 0) return { kind: 'wait', reason: `${urlsOf(unready)} do not know ${newest} yet` };
  return { kind: 'use', keyId: newest, settings: settingsOf(keys, newest) };
}

/** Returns the removal of a key, which must be neither current nor in use by stored data. */
export function removal(settings: KeySettings, keyId: string, storedWithIt: number): Step {
  const keys = new Map(parseKeys(settings.KEY_ENCRYPTION_KEYS));
  if (!keys.has(keyId)) return { kind: 'wait', reason: `there is no key ${keyId}` };
  const current = settings.KEY_ENCRYPTION_KEY_ID;
  if (keyId === current) return { kind: 'wait', reason: `${keyId} is the current key` };
  if (storedWithIt > 0) {
    return { kind: 'wait', reason: `${storedWithIt} documents need ${keyId}: run npm run keys -- rewrap` };
  }
  keys.delete(keyId);
  return { kind: 'remove', keyId, settings: settingsOf(keys, current) };
}

function urlsOf(processes: readonly ProcessKeys[]): string {
  return processes.map(({ url }) => url).join(', ');
}

const line = /^waybill_encryption_key_info\{([^}]*)\} 1$/gm;
const label = (labels: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1];

/** Reads the keys of a process from the text of its metrics. */
export function processKeys(url: string, metrics: string): ProcessKeys {
  const found = [...metrics.matchAll(line)].map(([, labels = '']) => ({
    keyId: label(labels, 'key_id') ?? '',
    use: label(labels, 'use'),
  }));
  return {
    url,
    keyIds: found.map(({ keyId }) => keyId),
    currentKeyId: found.find(({ use }) => use === 'current')?.keyId,
  };
}

const names = ['KEY_ENCRYPTION_KEYS', 'KEY_ENCRYPTION_KEY_ID'] as const;

/** Reads the two settings from the text of an environment file. @throws ExportError CONFIGURATION_INVALID */
export function readSettings(text: string): KeySettings {
  const valueOf = (name: string): string => {
    const value = new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.trim();
    if (value !== undefined && value !== '') return value;
    throw new ExportError('CONFIGURATION_INVALID', { params: { reason: `the file has no ${name}` } });
  };
  return { KEY_ENCRYPTION_KEYS: valueOf(names[0]), KEY_ENCRYPTION_KEY_ID: valueOf(names[1]) };
}

/** Returns the text of an environment file with the two settings replaced, and every other line as it was. */
export function writeSettings(text: string, settings: KeySettings): string {
  return names.reduce(
    (changed, name) => changed.replace(new RegExp(`^${name}=.*$`, 'm'), () => `${name}=${settings[name]}`),
    text,
  );
}
