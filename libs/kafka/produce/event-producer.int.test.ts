import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { openPort } from '../testing/port.ts';
import { completed, progress } from '../testing/sample-events.ts';

describe('a producer', () => {
  it('says which fields of an event do not fit, and that no retry helps', async () => {
    await using port = await openPort();
    const sound = progress('job-1', 1);
    // What a caller without types would send.
    const event = { ...sound.event, written: 'many', phase: 'sleeping' } as unknown as typeof sound.event;
    const sent = port.producer.send('export.progress', { ...sound, event });
    await expect(sent).rejects.toMatchObject({ code: 'EVENT_UNREADABLE', retryable: false });
    await expect(sent).rejects.toThrow(/phase, written|written, phase/);
  });

  it('says that a message is larger than its topic allows, and that no retry helps', async () => {
    await using port = await openPort();
    const sound = completed('job-1');
    const failure = { code: 'X', detail: '', params: Object.fromEntries(noise(2_000_000)) };
    const sent = port.producer.send('export.completed', { ...sound, event: { ...sound.event, failure } });
    await expect(sent).rejects.toMatchObject({ code: 'EXPORT_BATCH_TOO_LARGE', retryable: false });
  });

  it('delivers everything when more is sent at once than may be in flight', async () => {
    await using port = await openPort({ tuning: { maximumSendsInFlight: 3 } });
    const sends = Array.from({ length: 100 }, (_, index) =>
      port.producer.send('export.progress', progress(`job-${index}`, index)),
    );
    await Promise.all(sends);
    expect(await port.raw.read('export.progress')).toHaveLength(100);
  });

  it('delivers what was sent beside a message that is too large, and refuses that one alone', async () => {
    await using port = await openPort();
    await port.producer.send('export.progress', progress('job-first', 1));
    await port.raw.configure('export.completed', { 'max.message.bytes': '1000' });
    const sound = completed('job-large');
    const failure = { code: 'X', detail: '', params: Object.fromEntries(noise(5_000)) };
    const sendLarge = () =>
      port.producer.send('export.completed', { ...sound, event: { ...sound.event, failure } });
    const isRefused = () =>
      sendLarge().then(
        () => false,
        () => true,
      );
    await waitFor(isRefused, { limitMs: 20_000, what: 'the broker to go by the new limit' });
    // The first is under way while the others come, so that these go together.
    const [first, large, small] = await Promise.allSettled([
      port.producer.send('export.progress', progress('job-a', 1)),
      sendLarge(),
      port.producer.send('export.progress', progress('job-b', 1)),
    ]);
    expect([first.status, small.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'EXPORT_BATCH_TOO_LARGE' } });
    const keys = (await port.raw.read('export.progress')).map(({ key }) => key);
    expect(keys.sort()).toEqual(['job-a', 'job-b', 'job-first']);
  });

  it('writes without a producer id: the broker drops nothing that it has acknowledged', async () => {
    await using port = await openPort();
    // The same event twice, as a send does that was answered too late: both lie there, and consumers dedupe.
    for (let times = 0; times < 2; times += 1) {
      await port.producer.send('export.progress', progress('job-1', 1));
    }
    const stored = await port.raw.read('export.progress');
    expect(stored.map(({ key, producerId }) => [key, producerId])).toEqual([
      ['job-1', '-1'],
      ['job-1', '-1'],
    ]);
  });

  it('finishes what is in flight when it is stopped, and refuses what comes later', async () => {
    await using port = await openPort();
    const sends = Array.from({ length: 20 }, (_, index) =>
      port.producer.send('export.progress', progress(`job-${index}`, index)),
    );
    await port.producer.stop();
    await Promise.all(sends);
    const late = port.producer.send('export.progress', progress('job-late', 1));
    await expect(late).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await port.raw.read('export.progress')).toHaveLength(20);
  });

  it('puts equal keys of topics with equal partition counts on equal partitions', async () => {
    await using port = await openPort();
    const keys = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    for (const key of keys) {
      await port.producer.send('export.progress', progress(key, 1));
      await port.producer.send('export.completed', completed(key));
    }
    const places = async (topic: string) =>
      new Map((await port.raw.read(topic)).map(({ key, partition }) => [key, partition]));
    const progressPlaces = await places('export.progress');
    expect(progressPlaces).toEqual(await places('export.completed'));
    expect(new Set(progressPlaces.values()).size).toBeGreaterThan(2);
  });

  it('measures its sends', async () => {
    await using port = await openPort();
    await port.producer.send('export.progress', progress('job-1', 1));
    const text = await waitFor(() => port.metrics.registry.metrics(), {
      limitMs: 1_000,
      what: 'the metrics',
    });
    expect(text).toMatch(/kafka_produce_seconds_count\{[^}]*topic="export.progress"[^}]*\} 1/);
  });
});

/** Entries that gzip cannot shrink much. */
function* noise(bytes: number): Generator<readonly [string, string]> {
  let state = 1;
  for (let written = 0; written < bytes; written += 1_000) {
    let text = '';
    while (text.length < 1_000) {
      state = (state * 48_271) % 2_147_483_647;
      text += state.toString(36);
    }
    yield [String(written), text];
  }
}
