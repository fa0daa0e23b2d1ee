import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerName } from './types.ts';
import { findOnPath, type Tool } from './tools.ts';
import { versions } from './versions.ts';
import { findGo } from './go.ts';
import { redisBinary } from './servers/redis.ts';
import { formatStorage } from './servers/kafka.ts';

/** Runs a program and writes its output to the log of the item. Rejects if the program fails. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<void>;
export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One server to build. Items of a queue are built one after the other, and queues at the same time. */
export interface Item {
  readonly server: ServerName;
  /** Name in progress lines. */
  readonly title: string;
  /** One queue for Maven, since two processes cannot share its local repository. */
  readonly queue: 'maven' | 'go-s3' | 'go-mail';
  /** Tools for the build. Those for running are in build.ts. */
  readonly tools: readonly Tool[];
  /** Builds into `target`, an empty directory that is renamed when this resolves. */
  readonly build: (target: string, run: Run) => Promise<void>;
}

const here = import.meta.dirname;
const plugin = (goal: string): string =>
  `org.apache.maven.plugins:maven-dependency-plugin:${versions.mavenDependencyPlugin}:${goal}`;
// Batch mode without a progress bar.
const MAVEN = ['-B', '-ntp', '-q', '-Dstyle.color=never'];

async function copyDependencies(pom: string, properties: readonly string[], target: string, run: Run) {
  await run('mvn', [
    ...MAVEN,
    '-f',
    join(here, 'maven', pom),
    plugin('copy-dependencies'),
    '-DincludeScope=runtime',
    `-DoutputDirectory=${join(target, 'lib')}`,
    ...properties,
  ]);
}

async function copyArtifact(artifact: string, target: string, run: Run): Promise<void> {
  // Run in the target, since Maven uses the project of a folder with a pom.xml.
  await run('mvn', [...MAVEN, plugin('copy'), `-Dartifact=${artifact}`, `-DoutputDirectory=${target}`], {
    cwd: target,
  });
}

const kafka: Item = {
  server: 'kafka',
  title: `Kafka ${versions.kafka}`,
  queue: 'maven',
  tools: ['java', 'mvn'],
  async build(target, run) {
    await copyDependencies(
      'kafka.xml',
      [`-Dkafka.version=${versions.kafka}`, `-Dslf4j1.version=${versions.slf4j1}`],
      target,
      run,
    );
    await formatStorage(target, run);
  },
};

const registry: Item = {
  server: 'registry',
  title: `Apicurio Registry ${versions.apicurio}`,
  queue: 'maven',
  tools: ['java', 'mvn', 'tar'],
  async build(target, run) {
    const archive = `apicurio-registry-app-${versions.apicurio}-all.tar.gz`;
    await copyArtifact(`io.apicurio:apicurio-registry-app:${versions.apicurio}:tar.gz:all`, target, run);
    await run('tar', ['-xzf', archive], { cwd: target });
    await rm(join(target, archive));
    await rename(
      join(target, `apicurio-registry-app-${versions.apicurio}-runner.jar`),
      join(target, 'runner.jar'),
    );
  },
};

const mongo: Item = {
  server: 'mongo',
  title: `mongo-java-server ${versions.mongoJavaServer}`,
  queue: 'maven',
  tools: ['java', 'javac', 'mvn'],
  async build(target, run) {
    await copyDependencies(
      'mongo.xml',
      [`-Dmongo.version=${versions.mongoJavaServer}`, `-Dslf4j2.version=${versions.slf4j2}`],
      target,
      run,
    );
    const classPath = join(target, 'lib', '*');
    const source = join(here, 'mongo', 'Mongo.java');
    await run('javac', ['--release', '17', '-cp', classPath, '-d', join(target, 'classes'), source]);
  },
};

const redis: Item = {
  server: 'redis',
  title: `Redis, from embedded-redis ${versions.embeddedRedis}`,
  queue: 'maven',
  tools: ['jar', 'mvn'],
  async build(target, run) {
    const artifact = `embedded-redis-${versions.embeddedRedis}.jar`;
    const binary = redisBinary(process.platform, process.arch);
    await copyArtifact(`com.github.codemonstur:embedded-redis:${versions.embeddedRedis}:jar`, target, run);
    await run('jar', ['xf', artifact, binary], { cwd: target });
    await rename(join(target, binary), join(target, 'redis-server'));
    await chmod(join(target, 'redis-server'), 0o755);
    await rm(join(target, artifact));
  },
};

function goProgram(server: 's3' | 'mail', title: string, module: string, program: string): Item {
  return {
    server,
    title,
    queue: `go-${server}`,
    tools: ['go'],
    async build(target, run) {
      const bin = join(target, 'bin');
      await mkdir(bin);
      const go = await findGo();
      await run(go.command, ['install', module], { environment: { ...go.environment, GOBIN: bin } });
      await rename(join(bin, program), join(target, program));
      await rm(bin, { recursive: true });
    },
  };
}

const s3 = goProgram(
  's3',
  `versitygw ${versions.versitygw}`,
  `github.com/versity/versitygw/cmd/versitygw@${versions.versitygw}`,
  'versitygw',
);
const mail = goProgram(
  'mail',
  `mailpit ${versions.mailpit}`,
  `github.com/axllent/mailpit@${versions.mailpit}`,
  'mailpit',
);

const ITEMS: Readonly<Record<ServerName, Item>> = { kafka, registry, mongo, redis, s3, mail };

/** Returns the items to build for these servers. A `redis-server` on the PATH is not built. */
export function itemsFor(servers: readonly ServerName[]): Item[] {
  return servers
    .filter((server) => server !== 'redis' || findOnPath('redis-server') === undefined)
    .map((server) => ITEMS[server]);
}
