import { getContainerRuntimeClient } from 'testcontainers';
import type { Ports } from '../native/index.ts';
import type { Habitat, Life } from '../life.ts';
import { createContainer } from './container.ts';
import type { ContainerRecipe } from './images.ts';

const TAIL_LINES = 25;
/** The engine kills a container that has not stopped by then, as the native servers are killed. */
const STOP_LIMIT_S = 10;

async function logTail(id: string): Promise<string> {
  const { container } = await getContainerRuntimeClient();
  const stream = await container.logs(container.getById(id), { tail: TAIL_LINES, follow: false });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text.trimEnd();
}

async function life(id: string): Promise<Life> {
  const { container: client } = await getContainerRuntimeClient();
  const container = client.getById(id);
  const gone = container.wait({ condition: 'not-running' }).then(() => undefined);
  return {
    id,
    gone,
    async stop(kind) {
      if (kind === 'hard') await container.kill({ signal: 'SIGKILL' });
      else await container.stop({ t: STOP_LIMIT_S });
      await gone;
    },
    async signal(signal) {
      await container.kill({ signal });
    },
  };
}

/** Runs a server in a container, which is made at its first start and started again after a stop. */
export function containerHabitat(recipe: ContainerRecipe, ports: Ports): Habitat {
  let id: string | undefined;
  return {
    async begin() {
      if (id === undefined) {
        await createContainer(recipe, ports, (created) => (id = created));
      } else {
        const { container } = await getContainerRuntimeClient();
        await container.getById(id).start();
      }
      if (id === undefined) throw new Error('the container was started without being made');
      return life(id);
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
