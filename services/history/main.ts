import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { startHistory } from './service.ts';

await runMain({ name: 'history', loadConfig, start: startHistory });
