/** `npm run rebuild -w @waybill/history`: makes the history anew from the topic, with the service's own settings. */
import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { rebuildHistory } from './rebuilding.ts';

await runMain({
  name: 'history-rebuild',
  loadConfig,
  start: async (config, context) => {
    const report = await rebuildHistory(config, context);
    context.logger.info({ ...report }, 'rebuilt');
    process.exit(0);
  },
});
