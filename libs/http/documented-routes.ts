import escapeHtml from 'escape-html';
import { createRouter } from './app.ts';
import type { DescribedOperation, OpenApiDocument } from './openapi.ts';
import type { HttpRouter } from './types.ts';

/**
 * Returns the routes of a service together with /openapi.json and, for people, /docs. The two need no session: they
 * contain no personal data.
 */
export function documentedRoutes(document: OpenApiDocument, routes: HttpRouter): HttpRouter {
  const page = documentPage(document);
  const router = createRouter();
  router.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });
  router.get('/docs', (ctx) => {
    ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    ctx.type = 'html';
    ctx.body = page;
  });
  return router.use(routes.routes());
}

/** Returns the document as an HTML page without scripts and without anything from another server. */
export function documentPage({ info, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      section(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<h3 id="${escapeHtml(name)}">${escapeHtml(name)}</h3><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
pre { overflow: auto; padding: 1rem; background: color-mix(in srgb, currentcolor 6%, transparent) }
h2 code { font-size: 1.1rem } table { border-collapse: collapse } td { padding: .2rem 1rem .2rem 0; vertical-align: top }
</style>
<h1>${escapeHtml(info.title)}</h1>
<p>${escapeHtml(info.description)} <a href="/openapi.json">openapi.json</a></p>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>`;
}

function section(title: string, operation: DescribedOperation): string {
  const parameters = operation.parameters.map(
    (parameter) => `<tr><td><code>${escapeHtml(parameter.name)}</code><td>${parameter.in}</tr>`,
  );
  const responses = Object.entries(operation.responses).map(
    ([status, { description }]) => `<tr><td>${status}<td>${lines(description)}</tr>`,
  );
  const body = operation.requestBody?.content['application/json'].schema.$ref.split('/').at(-1);
  return `<h2><code>${escapeHtml(title)}</code></h2>
<p>${escapeHtml(operation.summary)}. ${code(operation.description)}</p>
${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}
${body === undefined ? '' : `<p>Body: <a href="#${body}">${body}</a></p>`}
<table>${responses.join('')}</table>`;
}

function lines(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => code(line.replace(/^- /, '')))
    .join('<br>');
}

/** Escapes a text and shows what stands in backquotes as code. */
function code(markdown: string): string {
  return escapeHtml(markdown).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
