import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import versions from './versions.json' with { type: 'json' };

export { versions };

/** Returns the files that define the build. A change of one of them leads to another cache folder. */
function recipeFiles(): string[] {
  const here = import.meta.dirname;
  const folder = (name: string): string[] =>
    readdirSync(join(here, name))
      .sort()
      .map((file) => join(here, name, file));
  return [join(here, 'versions.json'), ...folder('maven'), ...folder('mongo')];
}

/**
 * Returns the folder of the built servers, one for each set of versions, platform and user. Only the first start of a set
 * builds, and two checkouts with different versions do not affect each other.
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of recipeFiles()) hash.update(readFileSync(file));
  const root = environment['XDG_CACHE_HOME'] ?? '';
  return join(root === '' ? join(homedir(), '.cache') : root, 'waybill', hash.digest('hex').slice(0, 16));
}
