import type { OpenApiDocument } from './openapi.ts';

/** Returns the document as an HTML page without scripts and external resources. */
export function documentPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation)),
  );
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `<h3 id="${name}">${name}</h3><pre>${escape(JSON.stringify(schema, null, 2))}</pre>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(document.info.title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
pre { overflow: auto; padding: 1rem; background: color-mix(in srgb, currentcolor 6%, transparent) }
h2 code { font-size: 1.1rem } table { border-collapse: collapse } td { padding: .2rem 1rem .2rem 0; vertical-align: top }
</style>
<h1>${escape(document.info.title)}</h1>
<p>${escape(document.info.description)} <a href="/openapi.json">openapi.json</a></p>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>`;
}

type Described = OpenApiDocument['paths'][string][string];

function section(method: string, path: string, operation: Described): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) => `<tr><td><code>${parameter.name ?? ''}</code><td>${parameter.in}</tr>`,
  );
  const responses = Object.entries(operation.responses).map(
    ([status, response]) => `<tr><td>${status}<td>${lines(response.description)}</tr>`,
  );
  const body = operation.requestBody?.content['application/json'].schema.$ref.split('/').at(-1);
  return `<h2><code>${method.toUpperCase()} ${escape(path)}</code></h2>
<p>${escape(operation.summary)}. ${code(operation.description)}</p>
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

function code(markdown: string): string {
  return escape(markdown).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
