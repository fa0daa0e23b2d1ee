/**
 * `npm run words [-- PATH]`: fails on words that CONTRIBUTING.md rules out, in code, tests and documents. Each rule names
 * what to write instead. A place where the word is right stands in `allowed`, with the reason.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

interface Rule {
  readonly pattern: RegExp;
  readonly instead: string;
}

interface Allowed {
  /** Start of the path. */
  readonly path: string;
  /** Text that the line contains. */
  readonly text: string;
  readonly reason: string;
}

const rules: readonly Rule[] = [
  { pattern: /\bhea(?:rs?|rd)\b/i, instead: 'receives, is notified' },
  { pattern: /\bforg(?:ets?|ot|otten|etting)\b/i, instead: 'removes, drops' },
  { pattern: /\b(?:tells?|told|telling)\b/i, instead: 'says, notifies, returns' },
  { pattern: /\blies\b/i, instead: 'is, is stored' },
  { pattern: /\bgo(?:es)? by\b/i, instead: 'uses, follows' },
  { pattern: /\bputs? (?:\w+ )?down\b/i, instead: 'evicts' },
  { pattern: /\bmend(?:s|ed|ing)?\b/i, instead: 'fixes, corrects' },
  { pattern: /\blets? go of\b/i, instead: 'releases' },
  { pattern: /\bas good as none\b/i, instead: 'is ignored' },
  { pattern: /(?<!\bthere )\bis no\b(?! longer| more than)/i, instead: 'is not a' },
  { pattern: /\bis none\b/i, instead: 'say what it is' },
  { pattern: /\banew\b/i, instead: 'again' },
  { pattern: /\bwhoever\b/i, instead: 'the process that, the person who' },
  { pattern: /\bso long\b/i, instead: 'until then' },
  { pattern: /\bbeside\b/i, instead: 'next to, at the same time as' },
  { pattern: /\bbegun\b/i, instead: 'started' },
  { pattern: /\bwhence\b/i, instead: 'from' },
  {
    pattern: /\b(?:shelf|burial|bury|buried|homeless|husks?|standing|strand(?:ed)?)\b/i,
    instead: 'house terms',
  },
  {
    pattern: /\b(?:Circumstances|Surroundings|Telling|[Aa]nnouncer|[Oo]utlet|mayGoOn)\b/,
    instead: 'house terms',
  },
  {
    pattern: /\b(?:wake-ups?|wakeUps?|give-up|givenUp|taking-in|takeIn|read-through)\b/i,
    instead: 'house terms',
  },
  { pattern: /\b[A-Z][a-z]\w*Parts\b|\bparts(?:[.:)]|, )/, instead: '…Deps or …Context' },
];

const allowed: readonly Allowed[] = [
  {
    path: 'libs/sheet/README.md',
    text: 'OPC parts',
    reason: 'ECMA-376 calls the files in an XLSX package parts',
  },
  { path: 'libs/sheet/xlsx/writer.ts', text: './parts.ts', reason: 'ECMA-376 calls them parts' },
];

const ownFile = 'scripts/words.ts';

function filesUnder(paths: readonly string[]): readonly string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...paths], {
    encoding: 'utf8',
  });
  return output
    .split('\n')
    .filter((path) => /\.(?:ts|mjs|md|avsc)$|package\.json$/.test(path))
    .filter((path) => path !== ownFile && existsSync(path));
}

function isAllowed(path: string, line: string): boolean {
  return allowed.some((place) => path.startsWith(place.path) && line.includes(place.text));
}

/** Returns the faults of a text, one line each: place, word and what to write instead. */
export function faultsIn(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    isAllowed(path, line)
      ? []
      : rules.flatMap(({ pattern, instead }) => {
          const found = pattern.exec(line)?.[0];
          return found === undefined ? [] : [`${path}:${index + 1}: "${found}" (instead: ${instead})`];
        }),
  );
}

function main(): void {
  const faults = filesUnder(process.argv.slice(2)).flatMap((path) =>
    faultsIn(path, readFileSync(path, 'utf8')),
  );
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'words: none of the ruled-out words' : `words: ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
