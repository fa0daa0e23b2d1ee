import { z } from 'zod';

/** The documentation of a setting. */
export interface SettingDocumentation {
  /** Why it exists, and where its default comes from. One line. */
  readonly reason: string;
  /** Unit of the value, such as `ms`, `bytes`, `rows`; also the suffix of the name in code. */
  readonly unit?: string;
  /** A secret's default is never printed. */
  readonly secret?: boolean;
  /** Returns why a value is refused in production; undefined if it is not. */
  readonly refusedInProduction?: (value: string) => string | undefined;
}

const documented = z.registry<SettingDocumentation>();

/** Returns a setting with its documentation: `setting(integer({ min: 1 }).default(5), { unit: 'exports', reason: '…' })`. */
export function setting<S extends z.ZodType>(schema: S, documentation: SettingDocumentation): S {
  const copy = schema.clone();
  documented.add(copy, documentation);
  return copy;
}

/** Returns the documentation that `setting()` added, also below a later `.default()` or `.optional()`. */
export function documentationOf(schema: unknown): SettingDocumentation | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const isWrapper = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  return documented.get(schema) ?? (isWrapper ? documentationOf(schema.unwrap()) : undefined);
}

/** Returns the default of a setting; `undefined` if the setting is required. */
export function defaultOf(schema: unknown): { readonly value: unknown } | undefined {
  if (schema instanceof z.ZodDefault) return { value: schema.def.defaultValue };
  if (schema instanceof z.ZodOptional) return defaultOf(schema.unwrap()) ?? { value: undefined };
  return undefined;
}

/** Returns the schema of a service's settings: `defineSettings({ ...kafkaSettings, ...mongoSettings('intake') })`. */
export function defineSettings<S extends z.ZodRawShape>(shape: S): z.ZodObject<S> {
  return z.object(shape);
}

/** The settings that `loadSettings` returns for a schema. */
export type SettingsOf<S extends z.ZodType> = z.output<S>;
