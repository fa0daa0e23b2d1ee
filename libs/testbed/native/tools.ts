import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs that are needed to build or run the native servers. */
export type Tool = 'java' | 'javac' | 'jar' | 'mvn' | 'go' | 'tar' | 'sh';

interface ToolFacts {
  readonly title: string;
  readonly debian: string;
  readonly macos: string;
  /** Oldest supported version, with the arguments that print the version. */
  readonly atLeast?: { readonly version: readonly [number, number]; readonly args: readonly string[] };
}

const JDK = { debian: 'apt-get install default-jdk-headless', macos: 'brew install openjdk@17' };
const SYSTEM = { debian: 'apt-get install dash tar', macos: 'xcode-select --install' };

const TOOLS: Readonly<Record<Tool, ToolFacts>> = {
  java: { title: 'Java 17 (`java`)', ...JDK, atLeast: { version: [17, 0], args: ['-version'] } },
  javac: { title: 'the Java 17 compiler (`javac`)', ...JDK },
  jar: { title: 'the Java archiver (`jar`)', ...JDK },
  mvn: { title: 'Maven (`mvn`)', debian: 'apt-get install maven', macos: 'brew install maven' },
  // A version that is too old for the servers downloads a newer one (go.ts).
  go: {
    title: 'Go 1.19 (`go`)',
    debian: 'apt-get install golang',
    macos: 'brew install go',
    atLeast: { version: [1, 19], args: ['version'] },
  },
  tar: { title: '`tar`', ...SYSTEM },
  sh: { title: '`sh`', ...SYSTEM },
};

/** Returns the path of a program on the PATH, or undefined. */
export function findOnPath(
  program: string,
  path: string | undefined = process.env['PATH'],
): string | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Returns the first `major.minor` in the version text of a program. */
export function parseVersion(text: string): readonly [number, number] | undefined {
  const match = /(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0)];
}

async function oldVersion(tool: Tool): Promise<string | undefined> {
  const { atLeast } = TOOLS[tool];
  if (atLeast === undefined) return undefined;
  const { stdout, stderr } = await run(tool, [...atLeast.args]);
  const found = parseVersion(`${stdout}${stderr}`);
  if (found === undefined) return undefined;
  const [major, minor] = atLeast.version;
  const enough = found[0] > major || (found[0] === major && found[1] >= minor);
  return enough ? undefined : `${String(found[0])}.${String(found[1])}`;
}

/**
 * Returns one sentence that names the first missing or old tool and how to install it, or undefined.
 */
export async function missingTool(tools: readonly Tool[]): Promise<string | undefined> {
  for (const tool of tools) {
    const { title, debian, macos } = TOOLS[tool];
    const install = process.platform === 'darwin' ? macos : debian;
    if (findOnPath(tool) === undefined) {
      return `The native servers need ${title}, which is not on the PATH: install it (${install}).`;
    }
    const old = await oldVersion(tool);
    if (old !== undefined) {
      return `The native servers need ${title} or newer, and version ${old} is on the PATH: install it (${install}).`;
    }
  }
  return undefined;
}
