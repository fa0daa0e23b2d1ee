import { z } from 'zod';

/** The documentation of a setting. */
export interface SettingDocumentation {
  /** Why it exists, and where its default comes from. One line. */
  readonly reason: string;
  /** Unit of the value, such as `ms`, `bytes`, `rows`; also the suffix of the name in code. */
  readonly unit?: string;
  /** A secret's default is never printed. */
  readonly secret?: boolean;
}

/** Returns a setting with its documentation: `setting(integer({ min: 1 }).default(5), { unit: 'exports', reason: '…' })`. */
export function setting<S extends z.ZodType>(schema: S, documentation: SettingDocumentation): S {
  return schema.meta({ ...documentation });
}

/** Returns the schema of a service's settings: `defineSettings({ ...kafkaSettings, ...mongoSettings('intake') })`. */
export function defineSettings<S extends z.ZodRawShape>(shape: S): z.ZodObject<S> {
  return z.object(shape);
}

/** The settings that `loadSettings` returns for a schema. */
export type SettingsOf<S extends z.ZodType> = z.output<S>;
