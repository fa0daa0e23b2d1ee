import { Agent, install, setGlobalDispatcher } from 'undici';

/**
 * Makes `fetch` that of the undici package. The one inside Node 24 (undici 7) throws an AssertionError that nobody can
 * catch when a server ends a connection while a body is still being read (nodejs/undici#5360): a system that we call
 * could end our process. To be dropped when Node's own is 8 or has the fix; the test next to this file says when.
 */
export function installFetch(): void {
  install();
  // Node's client leaves its dispatcher where undici looks for one, so that the fault would stay behind the new `fetch`.
  setGlobalDispatcher(new Agent());
}
