import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { jobId } from '@waybill/domain';
import { createLogger } from '@waybill/observability';
import { makeCertificate, sharedAddresses, startTlsFront, uniqueName, waitFor } from '@waybill/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { createCancelFlags } from './index.ts';

it('createCancelFlags connects to rediss:// once it trusts the certificate', async () => {
  const { hostname, port } = new URL(sharedAddresses().redis.url);
  const certificate = await makeCertificate();
  await using front = await startTlsFront(certificate, { host: hostname, port: Number(port) });
  const log: string[] = [];
  const logger = createLogger({ service: 'test', destination: { write: (line) => void log.push(line) } });
  const flags = createCancelFlags({ url: `rediss://${front.address}`, logger });
  onTestFinished(() => flags.close());
  const job = jobId(uniqueName('job'));
  await waitFor(() => log.join('').includes('redis is down'), { limitMs: 10_000, what: 'the refusal' });
  expect(log.join('')).toContain('self-signed certificate');
  await expect(flags.raise(job, 1)).rejects.toThrow();

  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, certificate.certificate]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  await waitFor(() => flags.raise(job, 1).then(() => true), { limitMs: 10_000, what: 'the connection' });
  expect(await flags.isRaised(job, 1)).toBe(true);
});
