export * from './ids.ts';
export * from './limits.ts';
export * from './lists.ts';
export * from './time.ts';
