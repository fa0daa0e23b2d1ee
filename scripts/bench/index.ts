import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run bench -- NAME [args]` runs the benchmark NAME.ts next to this file, in a process of its own. The last line that
 * a benchmark prints is its result as JSON.
 */
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.slice(0, -'.ts'.length));

const [name = '', ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const script = join(import.meta.dirname, `${name}.ts`);
  process.exitCode = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1;
} else {
  console.error(`usage: npm run bench -- NAME [args], where NAME is one of: ${names.join(', ')}`);
  process.exitCode = 2;
}
