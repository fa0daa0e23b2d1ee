import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthenticator, startDevelopmentIssuer } from '@waybill/auth';
import { addRoutes, createApp, listen } from '@waybill/http';
import { createMetrics, silentLogger } from '@waybill/observability';
import type { Permission } from '@waybill/domain';
import { erasureRoutes, type Eraser } from '../index.ts';

export interface ErasingServer extends AsyncDisposable {
  /** Asks for an erasure in a company, as its administrator unless other permissions are given. */
  erase(
    companyId: string,
    body: Readonly<Record<string, unknown>>,
    permissions?: readonly Permission[],
  ): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** An eraser behind its route, with an issuer of tokens of its own. */
export async function startErasing(eraser: Eraser): Promise<ErasingServer> {
  const directory = await mkdtemp(join(tmpdir(), 'erasing-'));
  const issuer = await startDevelopmentIssuer({ directory, port: 0 });
  const logger = silentLogger();
  const app = createApp({ logger, metrics: createMetrics('test', { processMetrics: false }) });
  const authenticator = createAuthenticator({ ...issuer, logger });
  addRoutes(app, erasureRoutes('/test', { authenticator, eraser, now: Date.now }));
  const answer = app.callback();
  const server = await listen((request, response) => void answer(request, response), {
    host: '127.0.0.1',
    port: 0,
    logger,
  });
  return {
    async erase(companyId, body, permissions = ['contacts.export.admin']) {
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
