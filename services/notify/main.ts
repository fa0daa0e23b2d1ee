import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { startNotify } from './service.ts';

await runMain({ name: 'notify', loadConfig, start: startNotify });
