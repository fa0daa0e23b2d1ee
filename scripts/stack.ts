/** `npm run stack -- up|down|status|env`: runs the servers in the background, for tests and services. */
import { fork } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { findBackgroundStack, stopBackgroundStack, toEnvironment, waybillPath } from '@waybill/testbed';
import type { BackgroundStack } from '@waybill/testbed';
import type { SupervisorMessage } from './stack-supervisor.ts';

const USAGE = `Usage: npm run stack -- COMMAND

  up      start Kafka, the schema registry, MongoDB, Redis, S3 and an SMTP inbox in the background;
          the first start builds them (minutes), later ones take seconds
  down    stop them all and remove their data
  status  print which of them answer
  env     print their addresses as export lines: eval "$(npm run -s stack -- env)"

Settings from the environment:
  WAYBILL_STACK          native or containers (default: native if Java, Maven and Go are installed)
  WAYBILL_MONGO_BACKEND  memory or h2 (default: memory)
  WAYBILL_STACK_DATA     kept: data stays in .waybill/data over a stop
`;

function printAddresses({ state }: BackgroundStack): void {
  for (const [name, value] of Object.entries(toEnvironment(state.addresses))) {
    if (!name.includes('SECRET')) console.log(`  ${name.padEnd(20)} ${value}`);
  }
}

/** Starts the supervisor and resolves when all servers answer. */
async function startSupervisor(): Promise<void> {
  mkdirSync(waybillPath('logs'), { recursive: true });
  const log = openSync(waybillPath('logs', 'stack.log'), 'w');
  const child = fork(join(import.meta.dirname, 'stack-supervisor.ts'), {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () =>
      reject(new Error('The stack ended while it started: see .waybill/logs/stack.log')),
    );
    // Only `report` of the supervisor sends on this channel.
    child.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'progress') console.error(message.line);
      else if (message.kind === 'ready') resolve();
      else reject(new Error(message.reason));
    });
  });
  child.disconnect();
  child.unref();
}

async function up(): Promise<number> {
  if ((await findBackgroundStack()) === undefined) await startSupervisor();
  else console.log('The stack is up already.');
  return status();
}

async function down(): Promise<number> {
  console.log((await stopBackgroundStack()) ? 'The stack is stopped.' : 'No stack is up.');
  return 0;
}

async function status(): Promise<number> {
  const found = await findBackgroundStack();
  if (found === undefined) {
    console.log('No stack is up: start it with npm run stack -- up');
    return 1;
  }
  console.log(`The stack is up since ${found.state.startedAt}, held by process ${String(found.state.pid)}:`);
  for (const { name, id, up: answers, detail } of found.servers) {
    console.log(`  ${name.padEnd(9)} ${answers ? 'answers' : 'DOWN   '} ${id} ${detail}`.trimEnd());
  }
  printAddresses(found);
  return found.servers.every((server) => server.up) ? 0 : 1;
}

async function env(): Promise<number> {
  const found = await findBackgroundStack();
  if (found === undefined) {
    console.error('No stack is up: start it with npm run stack -- up');
    return 1;
  }
  for (const [name, value] of Object.entries(toEnvironment(found.state.addresses))) {
    console.log(`export ${name}='${value}'`);
  }
  return 0;
}

const COMMANDS: Readonly<Record<string, () => Promise<number>>> = { up, down, status, env };

const [name = '', ...rest] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) && rest.length === 0 ? COMMANDS[name] : undefined;
if (command === undefined) {
  (name === '--help' ? console.log : console.error)(USAGE);
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
