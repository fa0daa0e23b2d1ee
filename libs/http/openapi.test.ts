import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from './index.ts';

const document = openApiDocument({
  title: 'Bells',
  summary: 'Rings bells',
  operations: [
    {
      id: 'ring',
      method: 'post',
      path: '/bells/{bell}/ring',
      summary: 'Rings',
      access: 'Anyone.',
      query: z.strictObject({ times: z.coerce.number().int().default(1), tone: z.string() }),
      body: 'Ring',
      answers: { 200: 'Rung', 204: 'none' },
      codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND', 'NOTIFICATION_NOT_FOUND'],
    },
    {
      id: 'hear',
      method: 'get',
      path: '/bells/{bell}/ring',
      summary: 'Hears',
      access: '',
      answers: { 200: 'events' },
      codes: [],
    },
  ],
  requests: { Ring: z.strictObject({ loud: z.boolean().default(false) }) },
  responses: { Rung: z.strictObject({ at: z.iso.datetime() }) },
});

describe('an OpenAPI document', () => {
  it('refers to nothing that it does not have', () => {
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    const named = new Set([...references].map(([, name]) => name));
    expect([...named].sort()).toEqual(['Problem', 'Ring', 'Rung']);
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...named]));
  });

  it('gathers the methods of a path, its parameters, and which of them must be there', () => {
    const methods = document.paths['/bells/{bell}/ring'];
    expect(Object.keys(methods ?? {})).toEqual(['post', 'get']);
    expect(methods?.['post']?.parameters).toMatchObject([
      { name: 'bell', in: 'path', required: true },
      { name: 'times', in: 'query', required: false },
      { name: 'tone', in: 'query', required: true },
    ]);
  });

  it('takes a body as a client may send it: what has a default may be left out', () => {
    expect(document.components.schemas).not.toMatchObject({ Ring: { required: ['loud'] } });
  });

  it('puts the codes of one status together', () => {
    const responses = document.paths['/bells/{bell}/ring']?.['post']?.responses;
    expect(Object.keys(responses ?? {})).toEqual(['200', '204', '401', '403', '404', '503']);
    expect(JSON.stringify(responses)).toContain('"enum":["EXPORT_NOT_FOUND","NOTIFICATION_NOT_FOUND"]');
  });
});
