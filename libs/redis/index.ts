export { cancelKey, createCancelFlags, type CancelFlags, type CancelFlagsOptions } from './flags.ts';
