import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthenticator, startDevelopmentIssuer } from '@waybill/auth';
import { createErasureRecords, erasureRoutes, type Eraser } from '@waybill/erasure';
import { addRoutes, createApp, listen } from '@waybill/http';
import { createMetrics, silentLogger } from '@waybill/observability';
import type { Permission } from '@waybill/domain';
import type { Db } from 'mongodb';

export interface ErasingServer extends AsyncDisposable {
  /** Requests an erasure in a company, by default as its administrator. */
  erase(
    companyId: string,
    body: Readonly<Record<string, unknown>>,
    permissions?: readonly Permission[],
  ): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** Serves an eraser behind its route, with tokens of its own issuer. The records are stored in that database. */
export async function startErasing(eraser: Eraser, db: Db): Promise<ErasingServer> {
  const directory = await mkdtemp(join(tmpdir(), 'erasing-'));
  const issuer = await startDevelopmentIssuer({ directory, port: 0 });
  const logger = silentLogger();
  const app = createApp({ logger, metrics: createMetrics('test', { processMetrics: false }) });
  const authenticator = createAuthenticator({ ...issuer, logger });
  addRoutes(app, erasureRoutes('/test', { authenticator, eraser, erasureRecords: createErasureRecords(db) }));
  const answer = app.callback();
  const server = await listen((request, response) => void answer(request, response), {
    host: '127.0.0.1',
    port: 0,
    logger,
  });
  return {
    async erase(companyId, body, permissions = ['contacts.export.erase']) {
      const token = await issuer.token({ userId: 'operator', companyId, permissions });
      const response = await fetch(`http://127.0.0.1:${server.port}/test/erasures`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ company_id: companyId, ...body }),
      });
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await issuer.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
