import { ExportError } from '@waybill/errors';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { z } from 'zod';

/** Settings as `kafkaSecuritySettings` of @waybill/config reads them. */
export interface KafkaSecuritySettings {
  readonly KAFKA_TLS: boolean;
  readonly KAFKA_SASL_MECHANISM: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer';
  readonly KAFKA_SASL_USERNAME?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: string | undefined;
  readonly KAFKA_SASL_TOKEN_URL?: string | undefined;
  readonly KAFKA_SASL_SCOPE?: string | undefined;
}

/** How a client proves who it is. */
export type Sasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly client: OAuthClient };

/** A client of a token endpoint (RFC 6749 §4.4, client credentials). */
export interface OAuthClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

/** The security of the connections to the brokers. */
export interface KafkaSecurity {
  readonly tls: boolean;
  readonly sasl?: Sasl | undefined;
}

function invalid(reason: string): ExportError {
  return new ExportError('CONFIGURATION_INVALID', { params: { reason } });
}

function required(value: string | undefined, name: string, mechanism: string): string {
  if (value !== undefined) return value;
  throw invalid(`${name} is missing: KAFKA_SASL_MECHANISM ${mechanism} requires it`);
}

/**
 * Returns the security that the settings ask for.
 * @throws ExportError CONFIGURATION_INVALID if a credential is missing, or if a secret would be sent without TLS.
 */
export function securityFromSettings(settings: KafkaSecuritySettings): KafkaSecurity {
  const { KAFKA_TLS: tls, KAFKA_SASL_MECHANISM: mechanism } = settings;
  if (mechanism === 'none') return { tls };
  const username = required(settings.KAFKA_SASL_USERNAME, 'KAFKA_SASL_USERNAME', mechanism);
  const password = required(settings.KAFKA_SASL_PASSWORD, 'KAFKA_SASL_PASSWORD', mechanism);
  // SCRAM proves that it knows the password and does not send it.
  if (!tls && (mechanism === 'plain' || mechanism === 'oauthbearer')) {
    throw invalid(`KAFKA_SASL_MECHANISM ${mechanism} sends a secret: set KAFKA_TLS to true`);
  }
  if (mechanism !== 'oauthbearer') return { tls, sasl: { mechanism, username, password } };
  const tokenUrl = required(settings.KAFKA_SASL_TOKEN_URL, 'KAFKA_SASL_TOKEN_URL', mechanism);
  const scope = settings.KAFKA_SASL_SCOPE;
  return {
    tls,
    sasl: { mechanism, client: { tokenUrl, clientId: username, clientSecret: password, scope } },
  };
}

/** Returns the options of kafkajs. Node's authorities are trusted, and those of NODE_EXTRA_CA_CERTS. */
export function clientSecurity({ tls, sasl }: KafkaSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return { ssl: tls, ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }) };
}

function saslOptions(sasl: Sasl): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  const { client } = sasl;
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await tokenOf(client) }) };
}

/** A token endpoint that does not answer within this time counts as down. */
const tokenMs = 5_000;

const tokenAnswer = z.object({ access_token: z.string() });

/** Fetches an access token. @throws Error that names the status, never the secret. */
async function tokenOf({ tokenUrl, clientId, clientSecret, scope }: OAuthClient): Promise<string> {
  // Form-encoded before they are joined (RFC 6749 §2.3.1).
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    }),
    signal: AbortSignal.timeout(tokenMs),
  });
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`);
  return tokenAnswer.parse(await response.json()).access_token;
}
