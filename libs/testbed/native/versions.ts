import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import versions from './versions.json' with { type: 'json' };

export { versions };

/** Files that decide what is built; a change of one of them means another cache folder. */
function recipeFiles(): string[] {
  const here = import.meta.dirname;
  const folder = (name: string): string[] =>
    readdirSync(join(here, name))
      .sort()
      .map((file) => join(here, name, file));
  return [join(here, 'versions.json'), ...folder('maven'), ...folder('mongo')];
}

/**
 * The folder of the built servers: one per set of versions, platform and user, so that only the first start of a
 * version pays, and two checkouts with other versions do not disturb each other.
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of recipeFiles()) hash.update(readFileSync(file));
  const root = environment['XDG_CACHE_HOME'] ?? '';
  return join(root === '' ? join(homedir(), '.cache') : root, 'waybill', hash.digest('hex').slice(0, 16));
}
