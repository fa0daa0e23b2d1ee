/**
 * `npm run words [-- PATH]`: fails on words that CONTRIBUTING.md rules out, in code, tests and documents. Each rule names
 * what to write instead. A place where the word is right stands in `allowed`, with the reason.
 */
import { readFileSync } from 'node:fs';
import { gitFiles } from './git-files.ts';

interface Allowed {
  /** Start of the path. */
  readonly path: string;
  /** Text that the line contains. */
  readonly text: string;
  readonly reason: string;
}

/** Words that are ruled out, and what to write instead. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/\bhea(?:rs?|rd)\b/i, 'receives, is notified'],
  [/\bforg(?:ets?|ot|otten|etting)\b/i, 'removes, drops'],
  [/\b(?:tells?|told|telling)\b/i, 'says, notifies, returns'],
  [/\blies\b/i, 'is, is stored'],
  [/\bgo(?:es)? by\b/i, 'uses, follows'],
  [/\bputs? (?:\w+ )?down\b/i, 'evicts'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fixes, corrects'],
  [/\blets? go of\b/i, 'releases'],
  [/\bas good as none\b/i, 'is ignored'],
  [/(?<!\bthere )\bis no\b(?! longer| more than)/i, 'is not a'],
  [/\bis none\b/i, 'say what it is'],
  [/\banew\b/i, 'again'],
  [/\bwhoever\b/i, 'the process that, the person who'],
  [/\bso long\b/i, 'until then'],
  [/\bbeside\b/i, 'next to, at the same time as'],
  [/\bbegun\b/i, 'started'],
  [/\bwhence\b/i, 'from'],
  [/\b(?:shelf|burial|bury|buried|homeless|husks?|standing|strand(?:ed)?)\b/i, 'house terms'],
  [/\b(?:Circumstances|Surroundings|Telling|[Aa]nnouncer|[Oo]utlet|mayGoOn)\b/, 'house terms'],
  [/\b(?:wake-ups?|wakeUps?|give-up|givenUp|taking-in|takeIn|read-through)\b/i, 'house terms'],
  [/\b[A-Z][a-z]\w*Parts\b|\bparts(?:[.:)]|, )/, '…Deps or …Context'],
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

/** Returns whether the rules apply to a file: code, tests, documents and schemas. */
function isChecked(path: string): boolean {
  return /\.(?:ts|mjs|md|avsc)$|package\.json$/.test(path) && path !== ownFile;
}

function isAllowed(path: string, line: string): boolean {
  return allowed.some((place) => path.startsWith(place.path) && line.includes(place.text));
}

/** Returns the faults of a text, one line each: place, word and what to write instead. */
export function faultsIn(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    isAllowed(path, line)
      ? []
      : rules.flatMap(([pattern, instead]) => {
          const found = pattern.exec(line)?.[0];
          return found === undefined ? [] : [`${path}:${index + 1}: "${found}" (instead: ${instead})`];
        }),
  );
}

function main(): void {
  const faults = gitFiles(...process.argv.slice(2))
    .filter(isChecked)
    .flatMap((path) => faultsIn(path, readFileSync(path, 'utf8')));
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'words: none of the ruled-out words' : `words: ${faults.length} faults`);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
