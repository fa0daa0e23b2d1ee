/**
 * `npm run mermaid`: parses every mermaid block of every Markdown file that git knows, and prints the file and line of
 * each that fails.
 */
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';
import { gitFiles } from './git-files.ts';

// mermaid reads the DOM's globals when it is loaded, so they are set before the import below.
const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

const fence = /^```mermaid\n([\s\S]*?)^```/gm;

/** Returns how many diagrams a document has, and `path:line: reason` for each that does not parse. */
export async function diagramFaults(
  path: string,
  text: string,
): Promise<{ readonly diagrams: number; readonly faults: readonly string[] }> {
  const blocks = [...text.matchAll(fence)];
  const faults: string[] = [];
  for (const block of blocks) {
    try {
      await mermaid.parse(block[1] ?? '');
    } catch (error) {
      const line = text.slice(0, block.index).split('\n').length;
      faults.push(`${path}:${line}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { diagrams: blocks.length, faults };
}

async function main(): Promise<void> {
  const paths = gitFiles('*.md');
  let diagrams = 0;
  const faults: string[] = [];
  for (const path of paths) {
    const found = await diagramFaults(path, readFileSync(path, 'utf8'));
    diagrams += found.diagrams;
    faults.push(...found.faults);
  }
  for (const fault of faults) console.error(fault);
  console.log(`mermaid: ${diagrams} diagrams parsed in ${paths.length} documents, ${faults.length} faulty`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
