import {
  defineSettings,
  httpSettings,
  loadSettings,
  logSettings,
  oneOf,
  setting,
  url,
} from '@waybill/config';
import { keepTrying, runMain, serveHttp, type RunningService } from '../index.ts';

// A complete service that run-main.int.test.ts starts as a process. The setting FAILING selects the fault that it has.
const settings = defineSettings({
  ...httpSettings,
  ...logSettings,
  FAILING: setting(
    oneOf(['nothing', 'start', 'start-hangs', 'stop', 'stop-hangs', 'throws', 'rejects']).default('nothing'),
    { reason: 'The fault that the service has.' },
  ),
  SERVER_URL: setting(url('http').optional(), { reason: 'A server that the service waits for.' }),
});

await runMain({
  name: 'example',
  loadConfig: (environment) => loadSettings(settings, environment),
  stopLimitMs: 1_000,
  start: async (config, context): Promise<RunningService> => {
    const { FAILING: failing, SERVER_URL: serverUrl } = config;
    const { HTTP_HOST: host, HTTP_PORT: port, OPERATOR_PORT: operatorPort } = config;
    const http = await serveHttp({ host, port, operatorPort, ...context });
    context.logger.info({ operator_port: http.operatorPort }, 'example listens');
    if (failing === 'start') throw new Error('The start went wrong.');
    if (failing === 'start-hangs') await new Promise(() => undefined);
    if (serverUrl !== undefined) {
      const ping = async () => {
        await fetch(serverUrl);
      };
      context.probes.add('server', ping);
      await keepTrying('server', ping, { ...context, fromMs: 10, toMs: 50 });
    }
    if (failing === 'throws') {
      setImmediate(() => {
        throw new Error('Thrown and not caught.');
      });
    }
    if (failing === 'rejects') void Promise.reject(new Error('Rejected and not handled.'));
    return {
      port: http.port,
      operatorPort: http.operatorPort,
      stop: async () => {
        if (failing === 'stop') throw new Error('The stop went wrong.');
        if (failing === 'stop-hangs') await new Promise(() => undefined);
        await http.stop();
      },
    };
  },
});
