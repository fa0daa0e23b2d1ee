import { getContainerRuntimeClient } from 'testcontainers';
import type { Ports } from '../native/index.ts';
import type { ServerRunner, ServerRun } from '../runner.ts';
import { createContainer } from './container.ts';
import type { ContainerRecipe } from './images.ts';

const TAIL_LINES = 25;
/** The engine kills a container after this time, like the native servers. */
const STOP_LIMIT_S = 10;

async function logTail(id: string): Promise<string> {
  const { container } = await getContainerRuntimeClient();
  const stream = await container.logs(container.getById(id), { tail: TAIL_LINES, follow: false });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text.trimEnd();
}

async function runOf(id: string): Promise<ServerRun> {
  const { container: client } = await getContainerRuntimeClient();
  const container = client.getById(id);
  const ended = container.wait({ condition: 'not-running' }).then(() => undefined);
  return {
    id,
    ended,
    async stop(kind) {
      if (kind === 'hard') await container.kill({ signal: 'SIGKILL' });
      else await container.stop({ t: STOP_LIMIT_S });
      await ended;
    },
    async signal(signal) {
      await container.kill({ signal });
    },
  };
}

/** Returns the runner of a server in a container, which is created at its first start and kept until `remove()`. */
export function containerRunner(recipe: ContainerRecipe, ports: Ports): ServerRunner {
  let id: string | undefined;
  return {
    async start() {
      if (id === undefined) {
        await createContainer(recipe, ports, (created) => (id = created));
      } else {
        const { container } = await getContainerRuntimeClient();
        await container.getById(id).start();
      }
      if (id === undefined) throw new Error('the container was started without an id');
      return runOf(id);
    },
    async logTail() {
      return id === undefined ? '' : logTail(id);
    },
    async remove() {
      if (id === undefined) return;
      const { container } = await getContainerRuntimeClient();
      await container.getById(id).remove({ force: true, v: true });
    },
  };
}
