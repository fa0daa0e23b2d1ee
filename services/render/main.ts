import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { startRender } from './service.ts';

await runMain({ name: 'render', loadConfig, start: startRender });
