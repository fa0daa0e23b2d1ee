import { ExportError } from '@waybill/errors';
import { createLogger } from '@waybill/observability';
import { expect, it } from 'vitest';
import { prepare } from './index.ts';

function given() {
  const lines: string[] = [];
  const stopping = new AbortController();
  const logger = createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) } });
  const pause = () => Promise.resolve();
  return { lines, stopping, options: { failure: 'not made', signal: stopping.signal, logger, pause } };
}

it('says that all is there, however often the server was away', async () => {
  const { options } = given();
  let tries = 0;
  const make = () => ((tries += 1) < 3 ? Promise.reject(new Error('away')) : Promise.resolve());
  expect(await prepare('mongodb', make, options)).toBe(true);
  expect(tries).toBe(3);
});

it('prepare returns false after an error that is not retryable, and logs it', async () => {
  const { options, lines } = given();
  const make = () => Promise.reject(new ExportError('EXPORT_FAILED'));
  expect(await prepare('mongodb', make, options)).toBe(false);
  expect(lines.join('')).toContain('"not made"');
});

it('prepare returns false if the service stops first, and logs no error', async () => {
  const { options, lines, stopping } = given();
  const make = () => {
    stopping.abort();
    return Promise.reject(new Error('away'));
  };
  expect(await prepare('mongodb', make, options)).toBe(false);
  expect(lines.join('')).not.toContain('"not made"');
});
