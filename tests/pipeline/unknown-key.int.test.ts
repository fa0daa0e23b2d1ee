import { readFile } from 'node:fs/promises';
import { waitFor } from '@waybill/testbed';
import { expect, it } from 'vitest';
import { openInstallation } from './testing/installation.ts';
import { startProcess } from './testing/service-process.ts';

it('render waits for a message under a key that it does not know, and completes its job once it has the key', async () => {
  await using installation = await openInstallation();
  await installation.seed('acme', 20);
  const { KEY_ENCRYPTION_KEYS: old = '' } = installation.environment;
  const added = `${old},next:${Buffer.alloc(32, 9).toString('base64')}`;
  const rotated = { KEY_ENCRYPTION_KEYS: added, KEY_ENCRYPTION_KEY_ID: 'next' };
  await using resolver = await startProcess('resolver', installation, { settings: rotated });
  const late = await startProcess('render', installation, { settings: { LOG_LEVEL: 'debug' } });
  const job = await installation.request({ company: 'acme', spec: { fields: ['id'] } });
  const waits = async () => (await readFile(late.log, 'utf8')).includes('ENCRYPTION_KEY_UNKNOWN');
  await waitFor(waits, { limitMs: 60_000, what: 'render to meet the unknown key' });
  await late.stop();

  await using render = await startProcess('render', installation, { settings: rotated });
  const ended = await installation.events.ended(job, { limitMs: 60_000 });
  expect(ended).toMatchObject({ outcome: 'SUCCEEDED', receipt: { matched: 20, written: 20 } });
  expect(await installation.raw.read('render.dlq')).toEqual([]);
  expect(render.pid).not.toBe(resolver.pid);
}, 180_000);
