import { createTombstones } from '@waybill/erasure';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import type { ServiceContext } from '@waybill/service';
import { regionBuckets } from '@waybill/object-storage';
import { createAuditStore } from './downloads/audit-store.ts';
import type { HistoryConfig } from './config.ts';
import type { Connections } from './connections.ts';
import { createEntryStore } from './entries/entry-store.ts';
import { createEraser } from './eraser.ts';
import { thresholdOf } from './governance.ts';
import type { HandlerParts } from './handler.ts';
import { createOutboxes, type Outboxes } from './outboxes.ts';
import { createRegistrationStore } from './registration/registration-store.ts';
import { createRegistration } from './registration/registration.ts';
import { historyPath, type RouteParts } from './http/routes.ts';
import { collectionsOf } from './indexes.ts';

export interface Parts extends HandlerParts, RouteParts {
  readonly outboxes: Outboxes;
}

/** The parts of the service over its connections; nothing is started. */
export function buildParts(config: HistoryConfig, links: Connections, { logger }: ServiceContext): Parts {
  const now = Date.now;
  const collections = collectionsOf(links.store);
  const entries = createEntryStore(collections.entries);
  const registrations = createRegistrationStore(collections.registrations);
  const erasures = createTombstones(collections.erasures);
  const outboxes = createOutboxes({ collections, producer: links.producer, config, logger });
  const keys = keyEncryptionFromSettings(config);
  const downloadUrl = (jobId: string) => `${config.PUBLIC_URL}${historyPath}/${jobId}/download`;
  return {
    authenticator: links.authenticator,
    permissions: links.permissions,
    storage: links.storage,
    entries,
    registrations,
    erasures,
    audit: createAuditStore(collections.downloads),
    outboxes,
    keys,
    opener: createOpener(keys),
    relay: outboxes.relayDownload,
    registration: createRegistration({
      registrations,
      entries,
      registrar: links.registrar,
      relay: outboxes.relayRegistration,
      downloadUrl,
      againAfterMs: config.REGISTER_AGAIN_AFTER_MS,
      logger,
      now,
    }),
    thresholdOf: (entry) => thresholdOf(links.contacts, entry),
    eraser: createEraser({
      collections,
      erasures,
      storage: links.storage,
      buckets: regionBuckets(config.REGION_BUCKETS).buckets,
    }),
    downloadUrl,
    publicUrl: config.PUBLIC_URL,
    signInUrl: config.SIGN_IN_URL,
    sessionCookie: config.SESSION_COOKIE,
    trustForwardedFor: config.TRUST_FORWARDED_FOR,
    now,
  };
}
