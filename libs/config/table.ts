import type { z } from 'zod';
import { defaultOf, documentationOf } from './setting.ts';

const headings = ['Setting', 'Default', 'Unit', 'Reason'] as const;

/**
 * Returns the settings of a service as a Markdown table with one row for each setting, formatted as prettier does it, so
 * that a test can compare it with a README.
 * @throws TypeError that names the settings without a reason.
 */
export function settingsTable(schema: z.ZodObject): string {
  const undocumented = Object.keys(schema.shape).filter(
    (name) => documentationOf(schema.shape[name]) === undefined,
  );
  if (undocumented.length > 0) {
    throw new TypeError(`These settings have no reason: ${undocumented.join(', ')}. Wrap each in setting().`);
  }
  return layOut([headings, ...Object.keys(schema.shape).map((name) => rowOf(name, schema.shape[name]))]);
}

function rowOf(name: string, schema: unknown): readonly string[] {
  const documentation = documentationOf(schema);
  return [
    `\`${name}\``,
    escape(defaultText(schema, documentation?.secret ?? false)),
    escape(documentation?.unit ?? ''),
    escape(documentation?.reason ?? ''),
  ];
}

function defaultText(schema: unknown, secret: boolean): string {
  const fallback = defaultOf(schema);
  if (fallback === undefined) return 'required';
  const { value } = fallback;
  if (value === undefined) return 'not set';
  if (secret) return 'secret';
  if (value === '') return 'empty';
  return Array.isArray(value) ? `\`${value.join(',')}\`` : `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}

function escape(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}

function layOut(rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const [head, ...body] = rows.map(line);
  return [head, rule, ...body].join('\n');
}
