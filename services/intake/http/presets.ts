import { randomUUID } from 'node:crypto';
import { callerOf, requirePermission, type Caller } from '@waybill/auth';
import type { ContactSource } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import { languageOf, parseWith, readJsonBody, type HttpContext, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import { pageQuerySchema, paginationOf } from '../request/pages.ts';
import { parseRequest } from '../request/parse.ts';
import {
  changedPreset,
  etagOf,
  matches,
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

  /** Answers with a preset as the caller sees it, and its version as ETag. */
  async function answer(ctx: HttpContext, preset: Preset): Promise<void> {
    const caller = callerOf(ctx);
    ctx.set('ETag', etagOf(preset));
    ctx.body = presetView(preset, caller, await fieldsOf(contacts, caller));
  }

  router.get('/export/presets', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const query = parseWith(pageQuerySchema, { ...ctx.query });
    const [found, fields] = await Promise.all([presets.visibleTo(caller, query), fieldsOf(contacts, caller)]);
    ctx.body = {
      data: found.presets.map((preset) => presetView(preset, caller, fields)),
      pagination: paginationOf(query, found.total),
    };
  });

  router.get('/export/presets/last', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const [last, fields] = await Promise.all([presets.last(caller), fieldsOf(contacts, caller)]);
    if (last === undefined) {
      ctx.status = 204;
      return;
    }
    const { configuration, saved_at } = last;
    ctx.body = {
      configuration,
      ...missingOf(configuration, fields),
      saved_at: new Date(saved_at).toISOString(),
    };
  });

  router.get('/export/presets/:id', permitted, async (ctx) => {
    await answer(ctx, await findPreset(ctx, presets));
  });

  router.post('/export/presets', permitted, async (ctx) => {
    const caller = callerOf(ctx);
    const language = languageOf(ctx);
    const body = await readJsonBody(ctx, limits.bodyBytes);
    const created = parseRequest(newPresetSchema(defaultTimezone, language), body, language);
    if ((await presets.countOf(caller)) >= maximumPresets) throw tooManyPresets(language);
    const { companyId: company_id, userId: user_id } = caller;
    const at = now().getTime();
    const times = { created_at: at, updated_at: at };
    const preset: Preset = { _id: randomUUID(), company_id, user_id, ...created, ...times };
    if (!(await presets.insert(preset))) throw nameTaken(preset.name);
    ctx.status = 201;
    await answer(ctx, preset);
  });

  router.patch('/export/presets/:id', permitted, async (ctx) => {
    const language = languageOf(ctx);
    // An unknown preset is reported before a fault of the body.
    await findToChange(ctx, presets);
    const body = await readJsonBody(ctx, limits.bodyBytes);
    const change = parseRequest(presetChangeSchema(defaultTimezone, language), body, language);
    for (;;) {
      const preset = await findToChange(ctx, presets);
      const changed = changedPreset(preset, change, now().getTime());
      const result = await presets.replace(preset, changed);
      if (result === 'name taken') throw nameTaken(changed.name);
      if (result === 'replaced') return answer(ctx, changed);
      // Another request changed the preset in the meantime: without If-Match the change is made to what it wrote.
    }
  });

  router.delete('/export/presets/:id', permitted, async (ctx) => {
    while (!(await presets.remove(await findToChange(ctx, presets)))) {
      // Another request changed the preset in the meantime: without If-Match what it wrote is removed.
    }
    ctx.status = 204;
  });
}

/** Returns the preset of the path if the caller may see it. @throws ExportError `PRESET_NOT_FOUND` */
async function findPreset(ctx: HttpContext, presets: PresetStore): Promise<Preset> {
  const id = String(ctx.params['id']).slice(0, 64);
  const preset = await presets.find(callerOf(ctx), id);
  if (preset === undefined) throw new ExportError('PRESET_NOT_FOUND', { params: { preset_id: id } });
  return preset;
}

/**
 * Returns the preset of the path if the caller may change it, its owner or an administrator if it is shared, and if it has
 * the version of the If-Match header.
 * @throws ExportError `PRESET_NOT_FOUND`, `FORBIDDEN`, `PRESET_CHANGED`
 */
async function findToChange(ctx: HttpContext, presets: PresetStore): Promise<Preset> {
  const preset = await findPreset(ctx, presets);
  const caller = callerOf(ctx);
  if (preset.user_id !== caller.userId) requirePermission(caller, 'contacts.export.admin');
  if (matches(ctx.get('If-Match'), preset)) return preset;
  throw new ExportError('PRESET_CHANGED', { params: { preset_id: preset._id } });
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

function tooManyPresets(language: Language): ExportError {
  const message = {
    en: `You have ${maximumPresets} presets, which is the limit. Delete one first.`,
    id: `Anda memiliki ${maximumPresets} preset, yaitu batasnya. Hapus satu terlebih dahulu.`,
  }[language];
  return new ExportError('VALIDATION_FAILED', { errors: [{ path: '', message }] });
}
