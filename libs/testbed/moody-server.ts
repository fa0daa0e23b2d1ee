import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

/** How the server handles the next requests. */
export type Mood =
  | { readonly kind: 'answer'; readonly status: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'hang-up' };

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** An HTTP server that answers, hangs or closes connections as a test configures it. */
export class MoodyServer implements AsyncDisposable {
  mood: Mood = { kind: 'answer', status: 202 };
  /** All requests so far, including those without an answer. */
  readonly received: Received[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        this.received.push({ path: request.url ?? '', headers: request.headers, body });
        const { mood } = this;
        if (mood.kind === 'answer') response.writeHead(mood.status).end('{}');
        if (mood.kind === 'hang-up') request.socket.destroy();
      });
    });
  }

  static async start(): Promise<MoodyServer> {
    const moody = new MoodyServer();
    await new Promise<void>((resolve) => {
      moody.#server.listen(0, '127.0.0.1', resolve);
    });
    return moody;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
