/** `Serial` starts fastest. `G1` has short pauses with a large heap. */
type Collector = 'Serial' | 'G1';

/**
 * Returns options for a Java server that starts often and runs briefly: the serial collector and the first compiler tier
 * start fastest. `heap` has the form of -Xmx.
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

/** Options of slf4j-simple, which writes to standard error, the log of the server. */
export const SIMPLE_LOG: readonly string[] = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];
