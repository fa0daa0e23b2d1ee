/** `Serial` starts fastest; `G1` pauses briefly where a heap is large. */
type Collector = 'Serial' | 'G1';

/**
 * Options for a Java server that starts often and lives short: the serial collector and the first compiler tier start
 * fastest. `heap` in the form that -Xmx takes.
 */
export function javaOptions(heap: string, collector: Collector = 'Serial'): string[] {
  return [
    `-Xmx${heap}`,
    `-XX:+Use${collector}GC`,
    '-XX:TieredStopAtLevel=1',
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.net.preferIPv4Stack=true',
  ];
}

/** slf4j-simple writes to the error stream, which is the server's log. */
export const SIMPLE_LOG: readonly string[] = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];
