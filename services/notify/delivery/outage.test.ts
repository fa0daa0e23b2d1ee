import { describe, expect, it } from 'vitest';
import { maySend, noOutage, outageAfter, type Outage } from './outage.ts';

const probe = { fromMs: 5_000, toMs: 30_000 };
const at = (now: number) => ({ probe, now, random: 0.999_999 });
const unavailable = { kind: 'unavailable' } as const;
const idle = { sending: 0, connections: 5 };

describe('outageAfter', () => {
  it('doubles the delay with each failure in a row, up to the longest one', () => {
    let outage = noOutage;
    const delays: number[] = [];
    for (let now = 1_000, count = 0; count < 5; count += 1, now = outage.probeAt) {
      outage = outageAfter(outage, unavailable, at(now));
      delays.push(outage.probeAt - now);
    }
    expect(delays).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
  });

  it('counts failures of sends that ran at the same time once', () => {
    const first = outageAfter(noOutage, unavailable, at(1_000));
    expect(outageAfter(first, unavailable, at(1_001))).toBe(first);
  });

  it.each(['accepted', 'refused', 'unknown'] as const)('ends an outage after the result %s', (kind) => {
    expect(outageAfter({ failures: 3, probeAt: 9_000 }, { kind }, at(9_000))).toEqual(noOutage);
  });

  it.each(['not-sent', 'withdrawn'] as const)('changes nothing after the result %s', (kind) => {
    const outage: Outage = { failures: 3, probeAt: 9_000 };
    expect(outageAfter(outage, { kind }, at(9_000))).toBe(outage);
  });
});

describe('maySend', () => {
  it('allows as many sends as connections', () => {
    expect(maySend(noOutage, { sending: 4, connections: 5, now: 0 })).toBe(true);
    expect(maySend(noOutage, { sending: 5, connections: 5, now: 0 })).toBe(false);
  });

  it('allows one send at a time during an outage, and not before its time', () => {
    const outage: Outage = { failures: 1, probeAt: 9_000 };
    expect(maySend(outage, { ...idle, now: 8_999 })).toBe(false);
    expect(maySend(outage, { ...idle, now: 9_000 })).toBe(true);
    expect(maySend(outage, { ...idle, sending: 1, now: 9_000 })).toBe(false);
  });
});
