import { createConfig, lintFromString, type NormalizedProblem } from '@redocly/openapi-core';
import { historyDocument } from '../services/history/http/document.ts';
import { apiDocument } from '../services/intake/http/operations.ts';
import { notifyDocument } from '../services/notify/http/document.ts';

/** `npm run openapi`: checks the OpenAPI document of each service with Redocly's strict rules. Exit status 1: a fault. */

const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    // OpenAPI prefers a path without parameters, so /presets/last and /presets/{id} are not in doubt.
    'no-ambiguous-paths': 'off',
    // The download answers with a redirect to the file.
    'operation-2xx-response': 'off',
  },
});

const documents = { intake: apiDocument(), history: historyDocument(), notify: notifyDocument() };
for (const [service, document] of Object.entries(documents)) {
  const source = JSON.stringify(document);
  const problems = await lintFromString({ source, absoluteRef: `${service}.json`, config });
  for (const problem of problems) {
    console.error(`${service}${placeOf(problem)}: ${problem.message} (${problem.ruleId})`);
  }
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`openapi: the document of ${service} follows every rule`);
}

function placeOf({ location }: NormalizedProblem): string {
  return location[0]?.pointer ?? '';
}
