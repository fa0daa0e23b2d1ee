import { join } from 'node:path';
import type { Launch, LaunchOptions } from '../types.ts';
import { javaOptions } from './java.ts';

export function launchRegistry(options: LaunchOptions): Launch {
  return {
    command: 'java',
    args: [
      ...javaOptions('256m'),
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${String(options.ports.first)}`,
      // A file instead of the memory that is its default: a restarted registry knows its schemas, also after a kill.
      `-Dapicurio.datasource.url=jdbc:h2:file:${join(options.dataDirectory, 'registry')};WRITE_DELAY=0`,
      // A line per request would hide the reason of a failure.
      '-Dquarkus.http.access-log.enabled=false',
      '-jar',
      join(options.built, 'registry', 'runner.jar'),
    ],
  };
}
