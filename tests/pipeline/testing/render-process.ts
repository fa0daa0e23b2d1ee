import { runMain } from '@waybill/service';
import { loadConfig } from '../../../services/render/config.ts';
import { startRender } from '../../../services/render/service.ts';
import { crashAt } from './crash-point.ts';

const reached = crashAt(process.env);

/** Runs the service, which crashes or pauses at the crash point of the test. */
await runMain({
  name: 'render',
  loadConfig,
  start: (config, context) => startRender(config, context, { reached }),
});
