import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Buckets from a cache hit to a long render, with the limits of the SLOs (0.3 s to accept, 2 s to deliver). */
export const secondsBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60,
];

/**
 * The metrics of one service. A name is registered once: a second call returns the same metric. Names are
 * snake_case with the unit as suffix: a counter ends in `_total`, a histogram in its unit, such as `_seconds`.
 */
export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** Observations in the unit of the name; the buckets default to `secondsBuckets`. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
  /** `collect` sets the gauge when it is read, for values that are cheap to compute. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>;
}

/**
 * Creates a registry, so that several services can run in one process. Each series has the label `service`.
 * `processMetrics` adds CPU, memory, event loop lag and garbage collection of the process.
 */
export function createMetrics(service: string, { processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (processMetrics) collectDefaultMetrics({ register: registry });
  return {
    registry,
    counter: (name, help, labels = []) => {
      requireSuffix(name, /_total$/, 'a counter ends in _total');
      const create = () => new Counter({ name, help, labelNames: labels, registers: [registry] });
      return once(registry, name, Counter, create);
    },
    histogram: (name, help, labels = [], buckets = secondsBuckets) => {
      requireSuffix(name, /_(seconds|bytes|rows|contacts|messages|ratio)$/, 'a histogram ends in its unit');
      const options = { name, help, labelNames: labels, buckets: [...buckets], registers: [registry] };
      return once(registry, name, Histogram, () => new Histogram(options));
    },
    gauge: <L extends string>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      collect?: (gauge: Gauge<L>) => void | Promise<void>,
    ) => {
      const create = () => {
        const options = { name, help, labelNames: labels, registers: [registry] };
        const gauge: Gauge<L> = new Gauge({ ...options, collect: () => collect?.(gauge) });
        return gauge;
      };
      return once(registry, name, Gauge, create);
    },
  };
}

/** Returns the metric of that name, or a new one. */
function once<M>(
  registry: Registry,
  name: string,
  kind: abstract new (...options: never[]) => unknown,
  create: () => M,
): M {
  const known: unknown = registry.getSingleMetric(name);
  if (known === undefined) return create();
  if (!(known instanceof kind)) {
    throw new TypeError(`The metric ${name} exists as another kind. Give the new one a name of its own.`);
  }
  // The kind was checked; label names are part of the type only.
  return known as M;
}

function requireSuffix(name: string, suffix: RegExp, rule: string): void {
  if (!suffix.test(name)) throw new TypeError(`The metric name ${name} is not valid: ${rule}.`);
}
