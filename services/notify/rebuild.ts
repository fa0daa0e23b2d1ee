/** `npm run rebuild -w @waybill/notify`: makes the notifications anew from the topic, with the service's own settings. */
import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { rebuildNotifications } from './rebuilding.ts';

await runMain({
  name: 'notify-rebuild',
  loadConfig,
  start: async (config, context) => {
    const report = await rebuildNotifications(config, context);
    context.logger.info({ ...report }, 'rebuilt');
    process.exit(0);
  },
});
