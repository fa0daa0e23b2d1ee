import type { DevelopmentClaims } from '@waybill/auth';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface CallOptions {
  readonly body?: unknown;
  /** The caller: by default user u1 of the test's company with the permission to export; null sends no token. */
  readonly as?: Partial<DevelopmentClaims> | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that is sent unchanged instead of JSON. */
  readonly raw?: string;
}

export interface Caller {
  token(claims?: Partial<DevelopmentClaims>): Promise<string>;
  /** Calls a path below /iag/v1/contacts. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Sends POST /export with a body that exports all contacts, changed by `body`. */
  exportWith(body?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Answer>;
}

export const exportAll = {
  selection_mode: 'all',
  format: 'xlsx',
  layout_id: 'default',
  selected_fields: ['first_name', 'email'],
};

export function createCaller(
  url: string,
  token: (claims?: Partial<DevelopmentClaims>) => Promise<string>,
): Caller {
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const { as = {}, body, raw } = options;
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${url}/iag/v1/contacts${path}`, {
      method,
      ...(content === undefined ? {} : { body: content }),
      headers: {
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === null ? {} : { authorization: `Bearer ${await token(as)}` }),
        ...options.headers,
      },
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    // Every JSON answer of the service is an object.
    const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, body: parsed };
  };
  return {
    token,
    call,
    exportWith: (body = {}, options = {}) =>
      call('POST', '/export', { ...options, body: { ...exportAll, ...body } }),
  };
}
