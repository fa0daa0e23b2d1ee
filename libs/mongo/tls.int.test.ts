import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { silentLogger } from '@waybill/observability';
import { makeCertificate, sharedAddresses, startTlsFront } from '@waybill/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from './index.ts';

it('openStore connects with tls=true once it trusts the certificate', async () => {
  const { hostname, port } = new URL(sharedAddresses().mongo.url);
  const certificate = await makeCertificate();
  await using front = await startTlsFront(certificate, { host: hostname, port: Number(port) });
  const url = `mongodb://${front.address}/?tls=true`;
  const suspicious = openStore({ url, database: 'tls', logger: silentLogger() });
  onTestFinished(() => suspicious.close());
  await expect(suspicious.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });

  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, certificate.certificate]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  const store = openStore({ url, database: 'tls', logger: silentLogger() });
  onTestFinished(() => store.close());
  await store.ping();
});
