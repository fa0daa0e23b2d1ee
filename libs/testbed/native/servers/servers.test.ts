import { describe, expect, it } from 'vitest';
import { serverProperties } from './kafka.ts';
import { redisBinary } from './redis.ts';

describe('the Kafka settings', () => {
  const text = serverProperties({ first: 20_000, second: 20_001 }, '/data/logs');

  it('listen on loopback only', () => {
    expect(text).toContain('listeners=PLAINTEXT://127.0.0.1:20000,CONTROLLER://127.0.0.1:20001\n');
    expect(text).toContain('controller.quorum.voters=1@127.0.0.1:20001\n');
  });

  it('let nobody make a topic by a typing error', () => {
    expect(text).toContain('auto.create.topics.enable=false\n');
  });

  it('take messages of 20 MiB, the largest that a topic allows', () => {
    const limit = Number(/^message\.max\.bytes=(\d+)$/m.exec(text)?.[1]);
    expect(limit).toBeGreaterThanOrEqual(20 * 1024 * 1024);
  });
});

describe('the Redis binary', () => {
  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
  ])('is there for %s %s', (platform, processor) => {
    expect(redisBinary(platform, processor)).toMatch(new RegExp(`^redis-server-.*-${platform}-`));
  });

  it('that is not there is named, with what to do', () => {
    expect(() => redisBinary('linux', 'riscv64')).toThrow('linux riscv64: install redis-server');
  });
});
