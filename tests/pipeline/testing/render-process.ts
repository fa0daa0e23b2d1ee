import { runMain } from '@waybill/service';
import { loadConfig } from '../../../services/render/config.ts';
import { startRender } from '../../../services/render/service.ts';
import { meetFate } from './fate.ts';

const reached = meetFate(process.env);

/** The service as it is, but for a crash where the test wants one. */
await runMain({
  name: 'render',
  loadConfig,
  start: (config, context) => startRender(config, context, { reached }),
});
