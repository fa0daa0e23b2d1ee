import type { OutboxEntry } from '@waybill/store';
import { MongoServerError, type Collection } from 'mongodb';
import { stored } from './stored.ts';

/**
 * That an export's end was registered, once an attempt. Apart from the entries and kept longer than the topic, so that
 * neither a replay nor a rebuild registers again.
 */
export interface RegistrationDocument {
  /** `JOB:ATTEMPT` */
  readonly _id: string;
  readonly job_id: string;
  readonly company_id: string;
  readonly at: Date;
  readonly keep_until: Date;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface RegistrationStore {
  /** False where it was registered before. */
  add(registration: RegistrationDocument): Promise<boolean>;
  removePast(now: Date): Promise<number>;
}

const duplicateKey = 11_000;

export function createRegistrationStore(registrations: Collection<RegistrationDocument>): RegistrationStore {
  return {
    add: async (registration) => {
      try {
        await registrations.insertOne(registration);
        return true;
      } catch (error) {
        if (error instanceof MongoServerError && error.code === duplicateKey) return false;
        return stored(Promise.reject(error as Error));
      }
    },
    removePast: async (now) =>
      (await stored(registrations.deleteMany({ keep_until: { $lt: now }, outbox_pending: false })))
        .deletedCount,
  };
}
