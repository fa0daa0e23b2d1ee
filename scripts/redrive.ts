import { defineSettings, kafkaSecuritySettings, loadSettings } from '@waybill/config';
import { asError } from '@waybill/errors';
import { createKafka, securityFromSettings, type DeadLetter, type Kafka } from '@waybill/kafka';
import { createLogger, createMetrics } from '@waybill/observability';
import { readRunFile } from './local/run-file.ts';
import { readRedriveOptions, redriveUsage, type RedriveOptions } from './redrive/options.ts';

/**
 * `npm run redrive -- --service S …`: lists the dead letters of intake, notify or history, and puts them into that
 * service's own retry topic. Exits with 1 if there are no dead letters or Kafka refuses, with 2 when the command is wrong.
 */

interface Wanted extends RedriveOptions {
  readonly brokers: string;
  readonly prefix: string;
}

function wanted(): Wanted | string {
  const options = readRedriveOptions(process.argv.slice(2));
  if (typeof options === 'string') return options;
  const brokers = process.env['KAFKA_BROKERS'] ?? readRunFile()?.kafka;
  if (brokers === undefined) {
    return 'Waybill is not running here: start it with npm start, or set KAFKA_BROKERS to the addresses of Kafka.';
  }
  return { ...options, brokers, prefix: process.env['TOPIC_PREFIX'] ?? '' };
}

/** Returns the dead letters to redrive. @throws Error with the text to print if there are none. */
function chosen(letters: readonly DeadLetter[], { service, ids, dryRun }: Wanted): readonly DeadLetter[] {
  if (letters.length === 0) throw new Error(`${service} has no dead letters that were not redriven yet`);
  if (ids === undefined) return letters;
  const found = letters.filter(({ id, obstacle }) => ids.has(id) && (dryRun || obstacle === undefined));
  const known = new Set(found.map(({ id }) => id));
  const unknown = [...ids].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new Error(`${service} has no dead letter to redrive of: ${unknown.join(', ')}`);
  }
  return found;
}

function show(letter: DeadLetter, redriven: boolean, { json }: Wanted): void {
  const { id, type, jobId, companyId, causeCode, causeMessage, obstacle } = letter;
  const at = new Date(letter.failedAt).toISOString();
  if (json) {
    const { tries, group } = letter;
    const cause = { code: causeCode, message: causeMessage };
    const about = { event_id: id, type, job_id: jobId, company_id: companyId, group };
    console.log(JSON.stringify({ ...about, cause, tries, failed_at: at, obstacle, redriven }));
    return;
  }
  console.log(`${redriven ? 'redriven' : 'dead'}  ${id}  ${type ?? 'unknown type'}  ${at}`);
  console.log(`  job ${jobId ?? 'unknown'}, company ${companyId ?? 'unknown'}`);
  console.log(`  ${causeCode}: ${causeMessage}`);
  if (obstacle !== undefined) console.log(`  cannot be redriven: ${obstacle}`);
}

async function redrive(kafka: Kafka, asked: Wanted): Promise<void> {
  for (const letter of chosen(await kafka.deadLetters(asked.service), asked)) {
    const redriven = !asked.dryRun && letter.obstacle === undefined;
    if (redriven) await kafka.redrive(letter);
    show(letter, redriven, asked);
  }
}

/** Returns the text to print for an error. The reason of a Kafka error is its cause. */
function explained(error: unknown, { brokers }: Wanted): string {
  const { message, cause } = asError(error);
  if (cause === undefined) return message;
  return `Kafka at ${brokers} refuses or does not answer: ${asError(cause).message}`;
}

const asked = wanted();
if (typeof asked === 'string') {
  console.error(`${asked}\n${redriveUsage}`);
  process.exitCode = 2;
} else {
  const kafka = createKafka({
    brokers: asked.brokers,
    security: securityFromSettings(loadSettings(defineSettings(kafkaSecuritySettings), process.env)),
    clientId: 'redrive',
    // No message is decoded, so the registry is not used.
    registryUrl: '',
    prefix: asked.prefix,
    logger: createLogger({ service: 'redrive', level: 'warn' }),
    metrics: createMetrics('redrive', { processMetrics: false }),
  });
  try {
    await redrive(kafka, asked);
  } catch (error) {
    console.error(explained(error, asked));
    process.exitCode = 1;
  } finally {
    await kafka.close();
  }
}
