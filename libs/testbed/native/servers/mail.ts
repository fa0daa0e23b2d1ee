import { join } from 'node:path';
import type { Launch, LaunchOptions } from '../types.ts';

export function launchMail(options: LaunchOptions): Launch {
  return {
    command: join(options.built, 'mail', 'mailpit'),
    args: [
      ...['--smtp', `127.0.0.1:${String(options.ports.first)}`],
      ...['--listen', `127.0.0.1:${String(options.ports.second)}`],
      ...['--database', join(options.dataDirectory, 'inbox.db')],
      // No limit on kept messages: a test that counts emails must see all of them.
      ...['--max', '0'],
      // Lets a test ask for refusals (PUT /api/v1/chaos), which are off until then.
      '--enable-chaos',
      // Both would ask the network.
      ...['--disable-version-check', '--smtp-disable-rdns'],
    ],
  };
}
