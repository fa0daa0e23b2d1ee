import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SERVER_NAMES } from '../native/index.ts';
import { waybillPath } from '../waybill-directory.ts';

const url = z.object({ url: z.string() });

/** The content of `.waybill/stack.json`: the stack that runs in the background. */
const stateSchema = z.object({
  /** Id of the supervisor process. All servers end with it. */
  pid: z.number().int().positive(),
  /** Start time in ISO 8601. */
  startedAt: z.string(),
  mode: z.enum(['native', 'containers']).optional(),
  /** Where the supervisor answers. Its process id alone may belong to another program now. */
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

/** Returns the state, or undefined if it is missing or from another version. */
export async function readState(): Promise<StackState | undefined> {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(await readFile(statePath(), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the state, readable by its user only since it has keys. A reader never gets a partial state. */
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
