import { runMain } from '@waybill/service';
import { loadConfig } from '../../../services/resolver/config.ts';
import { startResolver } from '../../../services/resolver/service.ts';
import { meetFate } from './fate.ts';

const reached = meetFate(process.env);

/** The service as it is, but for a crash where the test wants one. */
await runMain({
  name: 'resolver',
  loadConfig,
  start: (config, context) => startResolver(config, context, { reached }),
});
