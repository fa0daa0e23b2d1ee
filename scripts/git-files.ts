import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Returns the files that git tracks and the new ones that it does not ignore, under paths or patterns such as `*.ts`. */
export function gitFiles(...paths: readonly string[]): readonly string[] {
  const listing = ['ls-files', '--cached', '--others', '--exclude-standard', ...paths];
  return execFileSync('git', listing, { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '' && existsSync(path));
}
