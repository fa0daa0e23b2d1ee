import { getContainerRuntimeClient, getReaper, ImageName, type ContainerRuntimeClient } from 'testcontainers';
import type { Progress, ServerName } from '../native/index.ts';
import { TestbedError } from '../types.ts';
import { imageOf, imageSetting } from './images.ts';

/** Interval of the progress lines while an image is pulled. */
const REPORT_EVERY_MS = 5_000;

/** Returns whether a container engine answers, found in the same way as Testcontainers does. */
export async function engineAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

async function pull(client: ContainerRuntimeClient, server: ServerName, image: string, onProgress: Progress) {
  const name = ImageName.fromString(image);
  if (await client.image.exists(name)) return;
  onProgress(`pulling ${image}`);
  const since = performance.now();
  const report = setInterval(() => {
    onProgress(`pulling ${image} (${String(Math.round((performance.now() - since) / 1000))} s)`);
  }, REPORT_EVERY_MS);
  try {
    await client.image.pull(name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TestbedError(
      `The image ${image} cannot be pulled: ${reason}. Name one that can be reached in ${imageSetting(server)}.`,
      { cause: error },
    );
  } finally {
    clearInterval(report);
  }
}

/** Starts Testcontainers' reaper, which removes the containers of a process that crashed. */
async function startReaper(client: ContainerRuntimeClient): Promise<void> {
  try {
    await getReaper(client);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TestbedError(
      `The reaper, which removes the containers after a crash, cannot be started: ${reason}. Name its image in RYUK_CONTAINER_IMAGE, or do without it by TESTCONTAINERS_RYUK_DISABLED=true.`,
      { cause: error },
    );
  }
}

/**
 * Pulls the missing images and starts the reaper.
 *
 * @throws TestbedError with the image and the setting for another one if an image cannot be pulled.
 */
export async function pullImages(
  servers: readonly ServerName[],
  environment: NodeJS.ProcessEnv,
  onProgress: Progress,
): Promise<void> {
  const client = await getContainerRuntimeClient();
  await startReaper(client);
  await Promise.all(servers.map((server) => pull(client, server, imageOf(server, environment), onProgress)));
}
