import { startDevelopmentIssuer } from '@waybill/auth';
import { asError } from '@waybill/errors';
import { createLogger } from '@waybill/observability';
import { installFetch } from '@waybill/service';
import { startStack } from '@waybill/testbed';
import { createCompany, requesterOf } from './local/company.ts';
import { startInstallation, type Installation } from './local/installation.ts';
import {
  issuerDirectory,
  readRunFile,
  removeRunFile,
  stateDirectory,
  writeRunFile,
  type RunFile,
} from './local/run-file.ts';
import { crmDatabase, freshKeys } from './local/settings.ts';
import { tokenClaims } from './local/token.ts';

/**
 * `npm start`: starts the servers, creates topics, schemas and a demo company with 12,500 contacts, and starts all services.
 * Runs in the foreground until Ctrl-C. Writes `.waybill/run.json` when everything is ready.
 */

const demoContacts = 12_500;
const demo = requesterOf('demo', 'rina');
const preferredPorts = { intake: 4100, history: 4101, notify: 4102, resolver: 4103, render: 4104 } as const;

const say = (line: string): void => console.log(line);
const logger = createLogger({ service: 'start', level: 'error' });
/** Everything that was started, newest last. Stopped in reverse order. */
const stops: { readonly what: string; readonly stop: () => Promise<void> }[] = [];
let stopping: Promise<void> | undefined;

function stopAll(): Promise<void> {
  stopping ??= (async () => {
    removeRunFile();
    for (const { what, stop } of stops.reverse()) {
      await stop().catch((error: unknown) => console.error(`${what}: ${asError(error).message}`));
    }
  })();
  return stopping;
}

async function startAll(): Promise<void> {
  const since = performance.now();
  const stack = await startStack();
  stops.push({ what: 'servers', stop: () => stack.stop() });
  const issuer = await startDevelopmentIssuer({ directory: issuerDirectory, port: 0 });
  stops.push({ what: 'development issuer', stop: () => issuer.stop() });
  const crm = { mongoUrl: stack.addresses.mongo.url, database: crmDatabase(''), logger };
  const [installation] = await Promise.all([
    startInstallation({
      addresses: stack.addresses,
      issuer,
      prefix: '',
      keys: freshKeys(),
      stateDirectory,
      logger,
      preferredPorts,
      onEvent: say,
    }),
    createCompany(crm, demo, demoContacts),
  ]);
  stops.push({ what: 'services', stop: () => installation.stop() });
  const token = await issuer.token(tokenClaims(demo));
  const { kafka, registry, mongo, redis, s3, inbox } = stack.addresses;
  const run: RunFile = {
    pid: process.pid,
    ...addressesOf(installation),
    inbox: inbox.url,
    storage: s3.endpoint,
    kafka: kafka.brokers,
    registry: registry.url,
    mongo: mongo.url,
    redis: redis.url,
    token,
  };
  writeRunFile(run);
  announce(run, (performance.now() - since) / 1000);
}

function addressesOf({
  services,
}: Installation): Pick<RunFile, keyof Installation['services'] | 'operators'> {
  const { intake, history, notify, resolver, render } = services;
  return {
    intake: intake.url,
    history: history.url,
    notify: notify.url,
    resolver: resolver.url,
    render: render.url,
    operators: {
      intake: intake.operatorUrl,
      history: history.operatorUrl,
      notify: notify.operatorUrl,
      resolver: resolver.operatorUrl,
      render: render.operatorUrl,
    },
  };
}

function announce(run: RunFile, seconds: number): void {
  say(`
Waybill is ready after ${seconds.toFixed(1)} s. Company "${demo.company}" has ${demoContacts.toLocaleString('en')} contacts.

  API      ${run.intake}   requests, status
           ${run.history}   history, downloads
           ${run.notify}   notifications
  inbox    ${run.inbox}
  storage  ${run.storage}
  logs     .waybill/logs

  npm run demo                                      exports 10,000 contacts and checks the file
  npm run token -- --company demo --user ${demo.user}       prints a token for the API

Ctrl-C stops everything.`);
}

installFetch();
const running = readRunFile();
if (running !== undefined) {
  console.error(`Waybill runs already (process ${running.pid}): ${running.intake}`);
  process.exit(1);
}

function stopAndExit(): void {
  if (stopping === undefined) say('stopping …');
  void stopAll().then(() => process.exit(0));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopAndExit);
// A closed channel means that the parent process, such as the demo, has ended.
process.on('disconnect', stopAndExit);
try {
  await startAll();
} catch (error) {
  console.error(asError(error).message);
  await stopAll();
  process.exit(1);
}
