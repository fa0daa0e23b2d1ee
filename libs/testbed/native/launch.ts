import { launchKafka } from './servers/kafka.ts';
import { launchMail } from './servers/mail.ts';
import { launchMongo } from './servers/mongo.ts';
import { launchRedis } from './servers/redis.ts';
import { launchRegistry } from './servers/registry.ts';
import { launchS3 } from './servers/s3.ts';
import type { Launch, LaunchOptions, ServerName } from './types.ts';

/** Prepares the server's data directory and says which process serves it. */
export async function launch(server: ServerName, options: LaunchOptions): Promise<Launch> {
  switch (server) {
    case 'kafka':
      return launchKafka(options);
    case 'registry':
      return launchRegistry(options);
    case 'mongo':
      return launchMongo(options);
    case 'redis':
      return launchRedis(options);
    case 's3':
      return launchS3(options);
    case 'mail':
      return launchMail(options);
  }
}
