import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentIssuer } from '@waybill/auth';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstallation, type Installation } from '../local/installation.ts';
import { crmDatabase, freshKeys } from '../local/settings.ts';
import type { Answer } from './attack.ts';
import { leakOf, listNames, runAttacks } from './run-attacks.ts';
import { prepareTarget, quietLogger, type Target } from './target.ts';

const addresses = sharedAddresses();
const prefix = `${uniqueName('attack')}.`;
const directory = mkdtempSync(join(tmpdir(), 'waybill-attack-'));
const issuerDirectory = join(directory, 'issuer');
const logger = quietLogger();
let issuer: DevelopmentIssuer;
let installation: Installation;
let target: Target;

beforeAll(async () => {
  issuer = await startDevelopmentIssuer({ directory: issuerDirectory, port: 0 });
  installation = await startInstallation({
    addresses,
    issuer,
    prefix,
    keys: freshKeys(),
    stateDirectory: directory,
    logger,
    onEvent: (line) => console.error(line),
  });
  const { intake, resolver, render, notify, history } = installation.services;
  target = await prepareTarget({
    urls: {
      intake: intake.url,
      resolver: resolver.url,
      render: render.url,
      notify: notify.url,
      history: history.url,
    },
    crm: { mongoUrl: addresses.mongo.url, database: crmDatabase(prefix), logger },
    issuerDirectory,
  });
});

afterAll(async () => {
  await installation.stop();
  await issuer.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('an installation under attack', () => {
  // The slow ones wait for the time limits of the services: `npm run attack` has them.
  it('refuses every attempt as expected and reveals nothing', async () => {
    const short = listNames.filter((name) => name !== 'slow');
    const { attempts, leaks, unexpected } = await runAttacks(target, short, () => undefined);
    expect(unexpected).toEqual([]);
    expect(leaks).toBe(0);
    expect(attempts).toBeGreaterThanOrEqual(150);
  });
});

describe('runAttacks', () => {
  it('reports an answer with another status than expected, and one that contains a text of another company', async () => {
    const { colleagues } = target;
    if (colleagues === undefined) throw new Error('The target has no colleagues.');
    const silent = () => undefined;
    const asNobody = await runAttacks({ ...target, attacker: colleagues.nobody }, ['tenants'], silent);
    expect(asNobody.unexpected).toContain('tenants: cancel an export of another company: 403 instead of 404');
    expect(asNobody.leaks).toBe(0);
    const marked = await runAttacks({ ...target, markers: ['EXPORT_NOT_FOUND'] }, ['tenants'], silent);
    expect(marked.leaks).toBeGreaterThan(0);
    expect(marked.unexpected.join()).toContain('the answer contains "EXPORT_NOT_FOUND" of another company');
  });
});

describe('leakOf', () => {
  const answer = (part: Partial<Answer>): Answer => ({ status: 500, headers: '', body: '', ...part });

  it.each([
    ['a text of another company', answer({ body: '{"email":"hidden@victim.example"}' })],
    ['a text of another company in a header', answer({ headers: 'location: /hidden@victim.example' })],
    ['a stack trace', answer({ body: 'Error: no\n    at find (/app/services/intake/http/jobs.ts:12:3)' })],
    ['the error of a library', answer({ body: '{"detail":"MongoServerError: bad query"}' })],
    ['the address of a server', answer({ body: 'cannot reach mongodb://mongo-1' })],
    ['the software of the server', answer({ headers: 'content-type: text/plain\nX-Powered-By: Express' })],
  ])('finds %s', (_what, leaking) => {
    expect(leakOf(leaking, ['hidden@victim.example'])).toBeDefined();
  });

  it('finds nothing in a problem', () => {
    const body = '{"type":"urn:waybill:problem:forbidden","status":403,"code":"FORBIDDEN"}';
    expect(
      leakOf(answer({ body, headers: 'content-type: application/problem+json' }), ['hidden']),
    ).toBeUndefined();
  });
});
