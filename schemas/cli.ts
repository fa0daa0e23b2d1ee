import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { compatibilityFaults, releaseVersions } from './compatibility.ts';
import { generateTypes } from './generate.ts';
import { registerSchemas } from './register.ts';

const generatedPath = join(import.meta.dirname, 'generated', 'events.ts');

async function formattedTypes(): Promise<string> {
  const options = await resolveConfig(generatedPath);
  return format(generateTypes(), { ...options, parser: 'typescript' });
}

async function check(): Promise<number> {
  const faults = [...compatibilityFaults()];
  if (readFileSync(generatedPath, 'utf8') !== (await formattedTypes())) {
    faults.push('generated/events.ts is not what the schemas say; run npm run schemas -- generate');
  }
  for (const fault of faults) console.error(fault);
  if (faults.length === 0) console.log('schemas: generated types are current, compatibility holds both ways');
  return faults.length === 0 ? 0 : 1;
}

async function generate(): Promise<number> {
  mkdirSync(dirname(generatedPath), { recursive: true });
  writeFileSync(generatedPath, await formattedTypes());
  return 0;
}

function release(): number {
  const written = releaseVersions();
  console.log(written.length === 0 ? 'nothing to release' : written.join('\n'));
  return 0;
}

/** Returns the credentials of a registry behind basic authentication, if they are set. */
function credentials(): { readonly username: string; readonly password: string } | undefined {
  const { SCHEMA_REGISTRY_USERNAME: username, SCHEMA_REGISTRY_PASSWORD: password } = process.env;
  return username === undefined || password === undefined ? undefined : { username, password };
}

async function register(): Promise<number> {
  const registryUrl = process.env['SCHEMA_REGISTRY_URL'];
  if (registryUrl === undefined) {
    console.error(
      'SCHEMA_REGISTRY_URL is not set: give the address of the registry, e.g. from npm run stack -- env',
    );
    return 2;
  }
  const prefix = process.env['TOPIC_PREFIX'] ?? '';
  for (const { subject, id } of await registerSchemas({ registryUrl, credentials: credentials(), prefix })) {
    console.log(`${subject} id ${id}`);
  }
  return 0;
}

const commands: Readonly<Record<string, () => number | Promise<number>>> = {
  check,
  generate,
  release,
  register,
};
const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  console.error(`usage: npm run schemas -- ${Object.keys(commands).join('|')}`);
  process.exitCode = 2;
} else {
  process.exitCode = await command();
}
