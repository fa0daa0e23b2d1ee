export { connectRedis } from './connect-redis.ts';
export { cancelFlagsFromSettings, cancelKey, createCancelFlags, type CancelFlags } from './flags.ts';
