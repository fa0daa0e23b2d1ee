import { eventId } from '@waybill/kafka';
import { waitFor } from '@waybill/testbed';
import type { RunningIntake } from './running-intake.ts';
import { sampleCompleted, sampleFailed } from './sample-job.ts';

/** Sends the end of a job as render does, and waits until intake has stored it. */
export async function endJob(
  intake: RunningIntake,
  id: string,
  outcome: 'SUCCEEDED' | 'FAILED',
  companyId: string = intake.companyId,
): Promise<void> {
  const ofJob = { job_id: id, company_id: companyId };
  const event = outcome === 'FAILED' ? sampleFailed(ofJob) : sampleCompleted(ofJob);
  const producer = intake.kafka.createProducer();
  await producer.send('export.completed', {
    key: id,
    id: eventId(id, 'export.completed', 1),
    type: 'export.completed',
    companyId,
    attempt: 1,
    at: Date.now(),
    event,
  });
  await producer.stop();
  await waitFor(
    async () => {
      const { body } = await intake.call('GET', `/export/status/${id}`, { as: { companyId } });
      return body['completed_at'] !== null;
    },
    { limitMs: 20_000, what: `job ${id} to end` },
  );
}
