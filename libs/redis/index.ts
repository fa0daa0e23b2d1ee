export { connectRedis, type RedisOptions } from './connect-redis.ts';
export { cancelKey, createCancelFlags, type CancelFlags, type CancelFlagsOptions } from './flags.ts';
