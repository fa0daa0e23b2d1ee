import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { startResolver } from './service.ts';

await runMain({ name: 'resolver', loadConfig, start: startResolver });
