import { GenericContainer, StartupCheckStrategy, type StartupStatus } from 'testcontainers';
import type { Ports } from '../native/index.ts';
import type { ContainerRecipe } from './images.ts';

/** Does not wait for the server, since `probes/` checks it in its own protocol like a native server. */
class NoWait extends StartupCheckStrategy {
  override checkStartupState(): Promise<StartupStatus> {
    return Promise.resolve('SUCCESS');
  }
}

/** A container with ports on loopback only. Testcontainers publishes ports on every interface. */
class LoopbackContainer extends GenericContainer {
  readonly #onCreated: (id: string) => void;

  constructor(image: string, onCreated: (id: string) => void) {
    super(image);
    this.#onCreated = onCreated;
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#onCreated(id);
    return Promise.resolve();
  }

  protected override beforeContainerCreated(): Promise<void> {
    // Docker's API: a map of container port to its bindings on the host.
    const bindings = this.hostConfig.PortBindings as Record<string, { HostIp?: string; HostPort: string }[]>;
    for (const binding of Object.values(bindings).flat()) binding.HostIp = '127.0.0.1';
    return Promise.resolve();
  }
}

/**
 * Creates and starts a container on fixed loopback ports, which stay the same after a stop. Calls `onCreated` before the
 * start, so that the container can be removed if the start fails.
 */
export async function createContainer(
  recipe: ContainerRecipe,
  ports: Ports,
  onCreated: (id: string) => void,
): Promise<void> {
  const [first, second] = recipe.ports;
  const exposed = [{ container: first, host: ports.first }];
  if (second !== undefined) exposed.push({ container: second, host: ports.second });
  const container = new LoopbackContainer(recipe.image, onCreated)
    .withEnvironment(recipe.environment)
    .withExposedPorts(...exposed)
    .withWaitStrategy(new NoWait());
  if (recipe.command !== undefined) container.withCommand([...recipe.command]);
  await container.start();
}
