import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentIssuer } from '@waybill/auth';
import { createKafka, done } from '@waybill/kafka';
import { createLogger, createMetrics } from '@waybill/observability';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { formats } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExportClient } from '../../scripts/demo/client.ts';
import { exportOnce } from '../../scripts/demo/export-once.ts';
import { verifyExport } from '../../scripts/demo/verify.ts';
import { createCompany, newestFirst, requesterOf, type CrmAddress } from '../../scripts/local/company.ts';
import { startInstallation, type Installation } from '../../scripts/local/installation.ts';
import { crmDatabase, freshKeys } from '../../scripts/local/settings.ts';
import { tokenClaims } from '../../scripts/local/token.ts';

const prefix = `${uniqueName('e2e')}.`;
const directory = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
const logger = createLogger({ service: 'e2e', level: 'error' });
const addresses = sharedAddresses();
const crm: CrmAddress = { mongoUrl: addresses.mongo.url, database: crmDatabase(prefix), logger };
const ended: string[] = [];
/** Messages of intake, resolver, render and notify, which have the same trace. */
const followed: ReadonlySet<string> = new Set([
  'export.requested',
  'export.batches',
  'export.completed',
  'cdp_export_notification_sent',
]);
const seen: { readonly job: string | null; readonly type: string; readonly trace: string | undefined }[] = [];
const kafka = createKafka({
  brokers: addresses.kafka.brokers,
  clientId: 'e2e',
  registryUrl: addresses.registry.url,
  prefix,
  logger,
  metrics: createMetrics('e2e', { processMetrics: false }),
});
let issuer: DevelopmentIssuer;
let installation: Installation;

beforeAll(async () => {
  issuer = await startDevelopmentIssuer({ directory: join(directory, 'issuer'), port: 0 });
  installation = await startInstallation({
    addresses,
    issuer,
    prefix,
    keys: freshKeys(),
    stateDirectory: directory,
    logger,
    onEvent: (line) => ended.push(line),
  });
  const follower = kafka.createConsumer({
    group: 'e2e',
    service: 'history',
    topics: ['export.requested', 'export.batches', 'export.completed', 'export.activity'],
    retry: { tries: 1, fromMs: 100, toMs: 100 },
    handler: ({ event, type, traceparent }) => {
      seen.push({ job: event.job_id, type, trace: traceparent?.split('-')[1] });
      return Promise.resolve(done());
    },
  });
  await follower.start();
});

afterAll(async () => {
  await kafka.close();
  await installation.stop();
  await issuer.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('an installation of all services', () => {
  it.each(formats)(
    'delivers every contact as %s, with one email, one notification and one history entry [S04] [S05]',
    async (format) => {
      const rows = 1_500;
      const requester = requesterOf(uniqueName('company'), 'rina');
      await createCompany(crm, requester, rows);
      const { intake, history, notify } = installation.services;
      const endpoints = {
        intake: intake.url,
        history: history.url,
        notify: notify.url,
        inbox: addresses.inbox.url,
      };
      const client = new ExportClient(endpoints, await issuer.token(tokenClaims(requester)));
      const options = { rows, format, timezone: 'Asia/Kathmandu', out: directory, json: false };

      const exported = await exportOnce(client, options);
      const ids = await newestFirst(crm, requester.company);
      const { checks } = await verifyExport(client, exported, options, { ids, email: requester.email });

      expect(checks.filter((check) => !check.ok)).toEqual([]);
      const ofJob = () => seen.filter(({ job, type }) => job === exported.jobId && followed.has(type));
      const isFollowed = () => new Set(ofJob().map(({ type }) => type)).size === followed.size;
      await waitFor(isFollowed, { limitMs: 20_000, what: `messages of ${[...followed].join(', ')}` });
      const traces = new Set(ofJob().map(({ trace }) => trace));
      expect([...traces]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    },
  );

  it('runs without a restart of any service', () => {
    expect(ended).toEqual([]);
  });
});
