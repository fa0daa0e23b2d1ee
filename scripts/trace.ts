/**
 * `npm run trace`: writes docs/traceability.md from docs/stories.json and the tags in test titles. With `--check` it
 * writes nothing, and fails if the page is out of date, or if a story has neither a test nor a reason to be open.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { gitFiles } from './git-files.ts';
import { storiesSchema, taggedTests, traceabilityPage, traceFaults } from './trace/traceability.ts';

const page = 'docs/traceability.md';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const { stories } = storiesSchema.parse(JSON.parse(readFileSync('docs/stories.json', 'utf8')));
const tests = gitFiles('*.test.ts').flatMap((path) => taggedTests(path, readFileSync(path, 'utf8')));
const text = await format(traceabilityPage(stories, tests), {
  ...(await resolveConfig(page)),
  filepath: page,
});
const faults = [...traceFaults(stories, tests)];
if (!values.check) {
  writeFileSync(page, text);
} else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  faults.push(`${page} is out of date: run npm run trace.`);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`trace: ${stories.length} stories, ${tests.length} tagged tests`);
