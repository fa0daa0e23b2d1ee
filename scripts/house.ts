/**
 * `npm run house [-- --json] [-- --check]`: measures the source tree. A fragment is a file of at most 45 lines that exactly
 * one other source file imports. Tests and their support do not count; type imports do. `--check`
 * fails on more than 25 fragments, on an import cycle, and on a file of more than 400 lines.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { gitFiles } from './git-files.ts';

const fragmentLines = 45;
const mostFragments = 25;
const mostLines = 400;

interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly string[];
}

/** Folders that only tests, the demo and benchmarks use. */
const testSupport = /^(?:tests|libs\/harness|libs\/fixtures)\/|\/testing\//;

function isSource(path: string): boolean {
  return !path.endsWith('.test.ts') && !testSupport.test(path);
}

/** Returns the path of an import, or undefined for an external package. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  const name = /^@waybill\/(.+)$/.exec(specifier)?.[1];
  if (name === undefined) return undefined;
  return name === 'schemas' ? 'schemas/index.ts' : `libs/${name}/index.ts`;
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => resolveImport(path, fileName))
    .filter((target) => target !== undefined);
  return { path, lines: text.split('\n').length - 1, imports: [...new Set(imports)] };
}

/** Returns groups of files that import each other, directly or through other files. */
export function importCycles(
  files: readonly Pick<SourceFile, 'path' | 'imports'>[],
): readonly (readonly string[])[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]));
  const reach = (path: string, found: Set<string>): ReadonlySet<string> => {
    for (const target of importsOf.get(path) ?? []) {
      if (!found.has(target)) reach(target, found.add(target));
    }
    return found;
  };
  const reached = new Map(files.map(({ path }) => [path, reach(path, new Set())]));
  const groups = Map.groupBy(
    files.map(({ path }) => path).filter((path) => reached.get(path)?.has(path)),
    // Files of one cycle reach the same files of that cycle.
    (path) =>
      [...(reached.get(path) ?? [])]
        .filter((other) => reached.get(other)?.has(path))
        .sort()
        .join(),
  );
  return [...groups.values()];
}

/** Returns files of at most 45 lines with exactly one importer. */
export function fragmentsOf(files: readonly SourceFile[]): readonly string[] {
  const importers = new Map<string, number>();
  for (const { imports } of files) {
    for (const target of imports) importers.set(target, (importers.get(target) ?? 0) + 1);
  }
  return files
    .filter(({ path, lines }) => lines <= fragmentLines && importers.get(path) === 1)
    .map(({ path }) => path);
}

function main(): void {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { json: flag, check: flag } });
  const files = gitFiles('*.ts').filter(isSource).map(readSource);
  const fragments = fragmentsOf(files);
  const cycles = importCycles(files);
  const largest = files.reduce((most, file) => (file.lines > most.lines ? file : most));
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  console.log(`source files: ${files.length}`);
  console.log(`lines: ${lines}`);
  console.log(`files of ≤ ${fragmentLines} lines with exactly one importer: ${fragments.length}`);
  for (const path of fragments) console.log(`  ${path}`);
  console.log(`import cycles: ${cycles.length}`);
  for (const cycle of cycles) console.log(`  ${cycle.join(' → ')}`);
  console.log(`largest file: ${largest.path}, ${largest.lines} lines`);
  if (values.json) {
    const report = {
      files: files.length,
      lines,
      fragments: fragments.length,
      cycles: cycles.length,
      max_lines: largest.lines,
    };
    console.log(JSON.stringify(report));
  }
  const isOver = fragments.length > mostFragments || cycles.length > 0 || largest.lines > mostLines;
  if (values.check && isOver) process.exitCode = 1;
}

if (import.meta.main) main();
