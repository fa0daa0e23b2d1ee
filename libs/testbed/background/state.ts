import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SERVER_NAMES } from '../native/index.ts';
import { waybillPath } from '../waybill-directory.ts';

const url = z.object({ url: z.string() });

/** What `.waybill/stack.json` says of the stack that runs in the background. */
const stateSchema = z.object({
  /** Of the process that holds the stack: with it all servers end. */
  pid: z.number().int().positive(),
  /** ISO 8601. */
  startedAt: z.string(),
  mode: z.enum(['native', 'containers']).optional(),
  /** Where that process is asked and stopped. A process id alone may by now belong to another program. */
  control: z.object({ url: z.string(), token: z.string() }),
  servers: z.array(z.object({ name: z.enum(SERVER_NAMES), id: z.string() })),
  addresses: z.object({
    kafka: z.object({ brokers: z.string() }),
    registry: url,
    mongo: url,
    redis: url,
    s3: z.object({
      endpoint: z.string(),
      region: z.string(),
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
    }),
    smtp: url,
    inbox: url,
  }),
});

export type StackState = Readonly<z.infer<typeof stateSchema>>;

const statePath = (): string => waybillPath('stack.json');

/** Returns undefined if there is no state, or one that another version wrote. */
export async function readState(): Promise<StackState | undefined> {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(await readFile(statePath(), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Readable by its user only, since it has keys; in one step, so that no reader sees half of it. */
export async function writeState(state: StackState): Promise<void> {
  const path = statePath();
  const aside = `${path}.${String(process.pid)}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(aside, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(aside, path);
}

export async function removeState(): Promise<void> {
  await rm(statePath(), { force: true });
}
