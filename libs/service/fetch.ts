import { Agent, install, setGlobalDispatcher } from 'undici';

/**
 * Replaces `fetch` by that of the undici package. The one in Node 24 (undici 7) throws an AssertionError that cannot be
 * caught when a server ends a connection while a body is still being read (nodejs/undici#5360): a system that we call
 * could end our process. Remove it when Node has undici 8 or the fix; the test next to this file fails then.
 */
export function installFetch(): void {
  install();
  // Node's client sets its own dispatcher as the global one, so that the new `fetch` would still have the fault.
  setGlobalDispatcher(new Agent());
}
