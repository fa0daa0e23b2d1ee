import { mkdir, readFile, rm } from 'node:fs/promises';
import { launch, type LaunchOptions, type ServerName } from './index.ts';
import type { Habitat } from '../life.ts';
import { startProcess } from './process.ts';

const TAIL_LINES = 25;

export interface NativeOptions extends LaunchOptions {
  readonly logFile: string;
  /** The data directory is left as it is after the last stop. */
  readonly keepData: boolean;
}

/** Runs a server as a process of this machine. */
export function nativeHabitat(server: ServerName, options: NativeOptions): Habitat {
  const { dataDirectory, keepData, logFile } = options;
  return {
    async begin() {
      await mkdir(dataDirectory, { recursive: true });
      return startProcess(await launch(server, options), {
        logFile,
        removeOnCrash: keepData ? undefined : dataDirectory,
      });
    },
    async logTail() {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    },
    async remove() {
      if (!keepData) await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
