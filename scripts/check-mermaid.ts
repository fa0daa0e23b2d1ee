import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

/** Parses every mermaid block of every Markdown file that git knows, and names the file and line of each that fails. */

// mermaid reads the DOM's globals when it is loaded, so they are set before the import below.
const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

const fence = /^```mermaid\n([\s\S]*?)^```/gm;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '');

let diagrams = 0;
let faults = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  for (const match of text.matchAll(fence)) {
    diagrams += 1;
    try {
      await mermaid.parse(match[1] ?? '');
    } catch (error) {
      faults += 1;
      const line = text.slice(0, match.index).split('\n').length;
      console.error(`${file}:${line}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
console.log(`mermaid: ${diagrams} diagrams parsed in ${files.length} documents, ${faults} faulty`);
process.exitCode = faults === 0 ? 0 : 1;
