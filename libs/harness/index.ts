export { collectEvents, type CollectedEvents } from './collected-events.ts';
export { CrmDatabase, type Member } from './crm-database.ts';
export { startErasing, type ErasingServer } from './erasing-server.ts';
export { Sandbox, type SandboxOptions } from './sandbox.ts';
export { ServiceHarness, type HarnessOptions } from './service-harness.ts';
