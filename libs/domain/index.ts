export * from './ids.ts';
export * from './instants.ts';
export * from './limits.ts';
export * from './lists.ts';
export * from './timezones.ts';
