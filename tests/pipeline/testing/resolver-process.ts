import { runMain } from '@waybill/service';
import { loadConfig } from '../../../services/resolver/config.ts';
import { startResolver } from '../../../services/resolver/service.ts';
import { crashAt } from './crash-point.ts';

const reached = crashAt(process.env);

/** Runs the service, which crashes or pauses at the crash point of the test. */
await runMain({
  name: 'resolver',
  loadConfig,
  start: (config, context) => startResolver(config, context, { reached }),
});
