import { runMain } from '@waybill/service';
import { loadConfig } from './config.ts';
import { startIntake } from './service.ts';

await runMain({ name: 'intake', loadConfig, start: startIntake });
