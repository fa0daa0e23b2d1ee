import { delimiter, join } from 'node:path';
import type { Launch, LaunchOptions } from '../types.ts';
import { javaOptions, SIMPLE_LOG } from './java.ts';

export function launchMongo(options: LaunchOptions): Launch {
  const built = join(options.built, 'mongo');
  const file = options.mongoBackend === 'h2' ? [join(options.dataDirectory, 'mongo.h2')] : [];
  return {
    command: 'java',
    args: [
      // 100,000 contacts take 0.75 GB in memory, and the serial collector keeps a third of the heap for new objects. What
      // is not needed is not taken from the machine.
      // A larger heap that collector would stop for seconds, and clients take the server for gone.
      ...(options.mongoHeap === undefined ? javaOptions('2g') : javaOptions(options.mongoHeap, 'G1')),
      ...SIMPLE_LOG,
      '-cp',
      [join(built, 'classes'), join(built, 'lib', '*')].join(delimiter),
      'Mongo',
      '127.0.0.1',
      String(options.ports.first),
      ...file,
    ],
  };
}
