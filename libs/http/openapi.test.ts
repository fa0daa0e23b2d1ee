import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentPage } from './documented-routes.ts';
import { openApiDocument } from './index.ts';

const tone = z.strictObject({ hertz: z.int() });

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
      headers: [{ name: 'X-Loudness', description: 'In decibel', schema: { type: 'integer' } }],
      body: 'Ring',
      answers: { 200: 'Rung', 204: 'none' },
      answerHeaders: {
        200: [{ name: 'ETag', description: 'The version', required: true, schema: { type: 'string' } }],
        404: [{ name: 'X-Near', description: 'Another bell', required: false, schema: { type: 'string' } }],
      },
      codes: ['FORBIDDEN', 'EXPORT_NOT_FOUND', 'NOTIFICATION_NOT_FOUND'],
    },
    {
      id: 'follow',
      method: 'get',
      path: '/bells/{bell}/ring',
      summary: 'Follows',
      access: '',
      answers: { 200: 'events' },
      codes: [],
    },
  ],
  requests: { Ring: z.strictObject({ loud: z.boolean().default(false) }) },
  responses: { Rung: z.strictObject({ at: z.iso.datetime(), tone }).readonly(), Tone: tone },
});

describe('an OpenAPI document', () => {
  it('contains every schema that it refers to', () => {
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    const named = new Set([...references].map(([, name]) => name));
    expect([...named].sort()).toEqual(['Problem', 'Ring', 'Rung', 'Tone']);
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...named]));
  });

  it('lists the methods of a path with their parameters and which of them are required', () => {
    const methods = document.paths['/bells/{bell}/ring'];
    expect(Object.keys(methods ?? {})).toEqual(['post', 'get']);
    expect(methods?.['post']?.parameters).toMatchObject([
      { name: 'bell', in: 'path', required: true },
      { name: 'times', in: 'query', required: false },
      { name: 'tone', in: 'query', required: true },
      { name: 'Accept-Language', in: 'header', required: false },
      { name: 'X-Loudness', in: 'header', required: false },
    ]);
    expect(methods?.['get']?.parameters.map(({ name }) => name)).toContain('Last-Event-ID');
  });

  it('lists the headers of an answer and of a problem next to those that a status always has', () => {
    const responses = document.paths['/bells/{bell}/ring']?.['post']?.responses;
    expect(responses?.['200']?.headers).toEqual({
      ETag: { description: 'The version', required: true, schema: { type: 'string' } },
    });
    expect(Object.keys(responses?.['404']?.headers ?? {})).toEqual(['X-Near']);
    expect(Object.keys(responses?.['503']?.headers ?? {})).toEqual(['Retry-After']);
    expect(responses?.['204']).not.toHaveProperty('headers');
  });

  it('describes a body as a client may send it, without the fields that have a default', () => {
    expect(document.components.schemas).not.toMatchObject({ Ring: { required: ['loud'] } });
  });

  it('requires a body unless the operation says that it is optional', () => {
    const operation = { id: 'ring', method: 'post', path: '/', summary: '', access: '', codes: [] } as const;
    const bodies = { body: 'Ring', answers: { 204: 'none' } } as const;
    const of = (optionalBody: boolean) =>
      openApiDocument({
        title: '',
        summary: '',
        operations: [{ ...operation, ...bodies, optionalBody }],
        requests: { Ring: z.strictObject({}) },
        responses: {},
      }).paths['/']?.['post']?.requestBody?.required;
    expect([of(false), of(true)]).toEqual([true, false]);
  });

  it('lists the codes of one status together', () => {
    const responses = document.paths['/bells/{bell}/ring']?.['post']?.responses;
    expect(Object.keys(responses ?? {})).toEqual(['200', '204', '401', '403', '404', '503']);
    expect(JSON.stringify(responses)).toContain('"enum":["EXPORT_NOT_FOUND","NOTIFICATION_NOT_FOUND"]');
  });

  it('is also an HTML page in which every text is escaped', () => {
    const page = documentPage({ ...document, info: { ...document.info, title: '<Bells>' } });
    expect(page).toContain('<title>&lt;Bells&gt;</title>');
    expect(page).toContain('POST /bells/{bell}/ring');
    expect(page).toContain('<code>EXPORT_NOT_FOUND</code>');
    expect(page).toContain('<h3 id="Rung">');
  });
});
