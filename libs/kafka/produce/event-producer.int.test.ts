import { exportBatch, sampleCompleted, sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { openPort } from '../testing/port.ts';

describe('an event producer', () => {
  it('rejects an event that does not fit its schema with an error that names the fields and is not retryable', async () => {
    await using port = await openPort();
    const valid = sampleProgress('job-1', 1);
    // What a caller without types would send.
    const event = { ...valid.event, written: 'many', phase: 'sleeping' } as unknown as typeof valid.event;
    const sent = port.producer.send('export.progress', { ...valid, event });
    await expect(sent).rejects.toMatchObject({ code: 'EVENT_UNREADABLE', retryable: false });
    await expect(sent).rejects.toThrow(/phase, written|written, phase/);
  });

  it('rejects a message that is larger than its topic allows with an error that is not retryable', async () => {
    await using port = await openPort();
    const valid = sampleCompleted('job-1');
    const failure = { code: 'X', detail: '', params: Object.fromEntries(noise(2_000_000)) };
    const sent = port.producer.send('export.completed', { ...valid, event: { ...valid.event, failure } });
    await expect(sent).rejects.toMatchObject({ code: 'EXPORT_BATCH_TOO_LARGE', retryable: false });
  });

  it('sends every message when there are more than may be in flight', async () => {
    await using port = await openPort({ tuning: { maximumSendsInFlight: 3 } });
    const sends = Array.from({ length: 100 }, (_, index) =>
      port.producer.send('export.progress', sampleProgress(`job-${index}`, index)),
    );
    await Promise.all(sends);
    expect(await port.raw.read('export.progress')).toHaveLength(100);
  });

  it('rejects only the message that is too large and sends the others of its batch', async () => {
    await using port = await openPort();
    await port.producer.send('export.progress', sampleProgress('job-first', 1));
    await port.raw.configure('export.completed', { 'max.message.bytes': '1000' });
    const valid = sampleCompleted('job-large');
    const failure = { code: 'X', detail: '', params: Object.fromEntries(noise(5_000)) };
    const sendLarge = () =>
      port.producer.send('export.completed', { ...valid, event: { ...valid.event, failure } });
    const isRefused = () =>
      sendLarge().then(
        () => false,
        () => true,
      );
    await waitFor(isRefused, { limitMs: 20_000, what: 'the broker to apply the new limit' });
    // The first is in flight while the others come, so these share a batch.
    const [first, large, small] = await Promise.allSettled([
      port.producer.send('export.progress', sampleProgress('job-a', 1)),
      sendLarge(),
      port.producer.send('export.progress', sampleProgress('job-b', 1)),
    ]);
    expect([first.status, small.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'EXPORT_BATCH_TOO_LARGE' } });
    const keys = (await port.raw.read('export.progress')).map(({ key }) => key);
    expect(keys.sort()).toEqual(['job-a', 'job-b', 'job-first']);
  });

  it('writes without a producer id, so the broker drops no message that it acknowledges', async () => {
    await using port = await openPort();
    // The same event twice, as after a late acknowledgement: both are stored, and consumers recognise repeats.
    for (let times = 0; times < 2; times += 1) {
      await port.producer.send('export.progress', sampleProgress('job-1', 1));
    }
    const stored = await port.raw.read('export.progress');
    expect(stored.map(({ key, producerId }) => [key, producerId])).toEqual([
      ['job-1', '-1'],
      ['job-1', '-1'],
    ]);
  });

  it('finishes the sends in flight when it is stopped, and rejects later ones', async () => {
    await using port = await openPort();
    const sends = Array.from({ length: 20 }, (_, index) =>
      port.producer.send('export.progress', sampleProgress(`job-${index}`, index)),
    );
    await port.producer.stop();
    await Promise.all(sends);
    const late = port.producer.send('export.progress', sampleProgress('job-late', 1));
    await expect(late).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await port.raw.read('export.progress')).toHaveLength(20);
  });

  it('sends equal keys to equal partitions in topics with equal partition counts', async () => {
    await using port = await openPort();
    const keys = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    for (const key of keys) {
      await port.producer.send('export.progress', sampleProgress(key, 1));
      await port.producer.send('export.completed', sampleCompleted(key));
    }
    const places = async (topic: string) =>
      new Map((await port.raw.read(topic)).map(({ key, partition }) => [key, partition]));
    const progressPlaces = await places('export.progress');
    expect(progressPlaces).toEqual(await places('export.completed'));
    expect(new Set(progressPlaces.values()).size).toBeGreaterThan(2);
  });

  it('sends to the partition that a message names, also to one that the topic got after the first send', async () => {
    await using port = await openPort();
    const send = (partition: number) =>
      port.producer.send('export.batches', {
        ...sampleProgress('job-1', partition),
        partition,
        event: exportBatch({ job_id: 'job-1', number: partition }),
      });
    await send(2);
    await port.another().ensureTopics({ jobPartitions: 9 });
    await send(8);
    const stored = await port.raw.read('export.batches');
    expect(stored.map(({ key, partition }) => [key, partition])).toEqual([
      ['job-1', 2],
      ['job-1', 8],
    ]);
  });

  it('rejects a message for a partition that does not exist, which kafkajs would report as sent', async () => {
    await using port = await openPort({ tuning: { sendTimeoutMs: 1_000 } });
    const sent = port.producer.send('export.progress', { ...sampleProgress('job-1', 1), partition: 600 });
    await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
  });

  it('measures the duration of its sends', async () => {
    await using port = await openPort();
    await port.producer.send('export.progress', sampleProgress('job-1', 1));
    const text = await waitFor(() => port.metrics.registry.metrics(), {
      limitMs: 1_000,
      what: 'the metrics',
    });
    expect(text).toMatch(/waybill_kafka_produce_seconds_count\{[^}]*topic="export.progress"[^}]*\} 1/);
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
