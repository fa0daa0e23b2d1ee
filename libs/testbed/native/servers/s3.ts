import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch, LaunchOptions } from '../types.ts';

export async function launchS3(options: LaunchOptions): Promise<Launch> {
  const buckets = join(options.dataDirectory, 'buckets');
  const attributes = join(options.dataDirectory, 'attributes');
  await mkdir(buckets, { recursive: true });
  await mkdir(attributes, { recursive: true });
  return {
    command: join(options.built, 's3', 'versitygw'),
    args: [
      ...['--port', `127.0.0.1:${String(options.ports.first)}`, '--region', options.s3.region, '--quiet'],
      // Attributes in files of their own: a temporary directory may be on a file system without extended ones.
      ...['posix', '--sidecar', attributes, buckets],
    ],
    // In the environment, so that the keys are not in the list of processes.
    environment: { ROOT_ACCESS_KEY: options.s3.accessKeyId, ROOT_SECRET_KEY: options.s3.secretAccessKey },
  };
}
