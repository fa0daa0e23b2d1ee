import { describe, expect, it } from 'vitest';
import { serverProperties } from './kafka.ts';
import { redisBinary } from './redis.ts';

describe('serverProperties', () => {
  const text = serverProperties({ first: 20_000, second: 20_001 }, '/data/logs');

  it('returns listeners on loopback only', () => {
    expect(text).toContain('listeners=PLAINTEXT://127.0.0.1:20000,CONTROLLER://127.0.0.1:20001\n');
    expect(text).toContain('controller.quorum.voters=1@127.0.0.1:20001\n');
  });

  it('disables the automatic creation of topics', () => {
    expect(text).toContain('auto.create.topics.enable=false\n');
  });

  it('allows messages of 20 MiB, the largest that a topic allows', () => {
    const limit = Number(/^message\.max\.bytes=(\d+)$/m.exec(text)?.[1]);
    expect(limit).toBeGreaterThanOrEqual(20 * 1024 * 1024);
  });
});

describe('redisBinary', () => {
  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
  ])('returns the binary for %s %s', (platform, processor) => {
    expect(redisBinary(platform, processor)).toMatch(new RegExp(`^redis-server-.*-${platform}-`));
  });

  it('throws for a machine without a binary, and names the package to install', () => {
    expect(() => redisBinary('linux', 'riscv64')).toThrow('linux riscv64: install redis-server');
  });
});
