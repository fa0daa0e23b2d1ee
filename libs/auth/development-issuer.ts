import { createServer, type Server } from 'node:http';
import { ExportError } from '@waybill/errors';
import {
  developmentAudience,
  developmentIssuer,
  developmentKey,
  publicHalf,
  refuseInProduction,
} from './development-keys.ts';
import { issueDevelopmentToken, type DevelopmentClaims } from './development-token.ts';

export interface DevelopmentIssuerOptions {
  /** Where the signing key is kept, so that tokens can be issued without the server and outlive it. */
  readonly directory: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface DevelopmentIssuer {
  readonly url: string;
  /** The setting AUTH_JWKS_URL of the services. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  token(claims: DevelopmentClaims): Promise<string>;
  stop(): Promise<void>;
}

const keysPath = '/.well-known/jwks.json';

/**
 * Serves the public key of a directory on loopback, for the demo and for tests. Throws
 * ExportError('CONFIGURATION_INVALID') in production or where the port is taken.
 */
export async function startDevelopmentIssuer(options: DevelopmentIssuerOptions): Promise<DevelopmentIssuer> {
  refuseInProduction();
  const key = await developmentKey(options.directory);
  const body = JSON.stringify({ keys: [publicHalf(key)] });
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === keysPath;
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? body : '{}');
  });
  const port = await listen(server, options.port);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    jwksUrl: `${url}${keysPath}`,
    issuer: developmentIssuer,
    audience: developmentAudience,
    token: (claims) => issueDevelopmentToken(options.directory, claims),
    stop: () => close(server),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const reason = `The development issuer cannot listen on port ${port}. Choose another port, or 0 for any.`;
      reject(new ExportError('CONFIGURATION_INVALID', { params: { reason }, cause }));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
