export { connectRedis } from './connect-redis.ts';
export { cancelKey, createCancelFlags, type CancelFlags } from './flags.ts';
