import { randomUUID } from 'node:crypto';
import { callerOf, requirePermission, type Caller } from '@waybill/auth';
import type { ContactSource } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import { languageOf, readJsonBody, type HttpContext, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import { parseRequest } from '../request/parse.ts';
import {
  maximumPresets,
  missingOf,
  newPresetSchema,
  presetChangeSchema,
  presetView,
  type CompanyFields,
  type Preset,
} from '../presets/preset.ts';
import type { PresetStore } from '../presets/preset-store.ts';
import { permit } from './guard.ts';

export interface PresetRouteDeps {
  readonly presets: PresetStore;
  readonly contacts: ContactSource;
  readonly defaultTimezone: string;
  readonly now: () => Date;
}

/** Adds the routes of presets and of a person's last configuration. */
export function addPresetRoutes(router: HttpRouter, deps: PresetRouteDeps): void {
  const { presets, contacts, defaultTimezone, now } = deps;
  const permitted = permit('contacts.export');

  router.get('/export/presets', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const [found, fields] = await Promise.all([presets.visibleTo(caller), fieldsOf(contacts, caller)]);
    ctx.body = { data: found.map((preset) => presetView(preset, caller, fields)) };
  });

  router.get('/export/presets/last', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const [last, fields] = await Promise.all([presets.last(caller), fieldsOf(contacts, caller)]);
    ctx.body = {
      data:
        last === undefined
          ? null
          : {
              configuration: last.configuration,
              ...missingOf(last.configuration, fields),
              saved_at: new Date(last.saved_at).toISOString(),
            },
    };
  });

  router.post('/export/presets', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const language = languageOf(ctx);
    const body = await readJsonBody(ctx, limits.bodyBytes);
    const created = parseRequest(newPresetSchema(defaultTimezone, language), body, language);
    if ((await presets.countOf(caller)) >= maximumPresets) throw tooManyPresets();
    const { companyId: company_id, userId: user_id } = caller;
    const at = now().getTime();
    const times = { created_at: at, updated_at: at };
    const preset: Preset = { _id: randomUUID(), company_id, user_id, ...created, ...times };
    if (!(await presets.insert(preset))) throw nameTaken(preset.name);
    ctx.status = 201;
    ctx.body = { data: presetView(preset, caller, await fieldsOf(contacts, caller)) };
  });

  router.patch('/export/presets/:id', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const language = languageOf(ctx);
    const preset = await findOwnPreset(ctx, presets, caller);
    const body = await readJsonBody(ctx, limits.bodyBytes);
    const change = parseRequest(presetChangeSchema(defaultTimezone, language), body, language);
    const changed: Preset = {
      ...preset,
      name: change.name ?? preset.name,
      shared: change.shared ?? preset.shared,
      configuration: change.configuration ?? preset.configuration,
      updated_at: now().getTime(),
    };
    if (!(await presets.replace(changed))) throw nameTaken(changed.name);
    ctx.body = { data: presetView(changed, caller, await fieldsOf(contacts, caller)) };
  });

  router.delete('/export/presets/:id', permitted, async (ctx) => {
    await presets.remove(await findOwnPreset(ctx, presets, callerOf(ctx)));
    ctx.status = 204;
  });
}

/**
 * Returns the preset of the path if the caller may change it: its owner, or an administrator if it is shared.
 * @throws ExportError `PRESET_NOT_FOUND`, `FORBIDDEN`
 */
async function findOwnPreset(ctx: HttpContext, presets: PresetStore, caller: Caller): Promise<Preset> {
  const id = String(ctx.params['id']).slice(0, 64);
  const preset = await presets.find(caller, id);
  if (preset === undefined) throw new ExportError('PRESET_NOT_FOUND', { params: { preset_id: id } });
  if (preset.user_id !== caller.userId) requirePermission(caller, 'contacts.export.admin');
  return preset;
}

async function fieldsOf(contacts: ContactSource, { companyId }: Caller): Promise<CompanyFields> {
  const [properties, layouts] = await Promise.all([
    contacts.fieldProperties(companyId),
    contacts.layouts(companyId),
  ]);
  return { properties, layouts };
}

function nameTaken(name: string): ExportError {
  return new ExportError('PRESET_NAME_TAKEN', { params: { name } });
}

function tooManyPresets(): ExportError {
  return new ExportError('VALIDATION_FAILED', {
    errors: [
      { path: '', message: `You have ${maximumPresets} presets, which is the limit. Delete one first.` },
    ],
  });
}
