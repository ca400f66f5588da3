// The table of metrics: what each is called, for which tasks it is, which way is better and what it needs.
// Invariant: definitions, gates, reports and docs use these names only; src/statistics/metrics/registry.ts computes every one of them.

/** What a model predicts: one of two classes, one of several, or a number. */
export type Task = 'binary' | 'multiclass' | 'regression';

/** One metric of one task. */
export interface MetricFacts {
  /** Which way is better; `zero`: the nearer to 0. */
  readonly direction: 'lower' | 'higher' | 'zero';
  /** Least and greatest value; null: unbounded on that side. */
  readonly range: readonly [min: number | null, max: number | null];
  /** What it looks at: only the order of predictions, their value as probability, the class they choose, or predicted numbers. */
  readonly needs: 'scores' | 'probabilities' | 'classes' | 'values';
  /**
   * The metric whose mean over rows stands for this one when two models are compared day by day: itself where it is such a mean,
   * `mse` for those that fall and rise with it on the same rows; null where no row has a value of its own.
   */
  readonly perRow: string | null;
  /** The number after `@` in its name: what it is, its default (null: must be given), and its bounds. */
  readonly parameter?: {
    readonly name: string;
    readonly default: number | null;
    readonly min: number;
    readonly max: number;
    /** Only whole numbers, the bounds among them; else any number strictly between the bounds. */
    readonly whole: boolean;
  };
}

const THRESHOLD = { name: 'threshold', default: 0.5, min: 0, max: 1, whole: false } as const;
const QUANTILE = { name: 'quantile', default: null, min: 0, max: 1, whole: false } as const;
const TOP_K = { name: 'k', default: null, min: 1, max: 1000, whole: true } as const;

const atThreshold = {
  direction: 'higher',
  range: [0, 1],
  needs: 'classes',
  perRow: null,
  parameter: THRESHOLD,
} as const;
const ofClasses = { direction: 'higher', range: [0, 1], needs: 'classes', perRow: null } as const;
const ofOrder = { direction: 'higher', range: [0, 1], needs: 'scores', perRow: null } as const;

/** Metrics by task and name. `docs/statistics.md` says how each is defined. */
export const METRICS = {
  binary: {
    log_loss: { direction: 'lower', range: [0, null], needs: 'probabilities', perRow: 'log_loss' },
    roc_auc: ofOrder,
    pr_auc: ofOrder,
    brier: { direction: 'lower', range: [0, 1], needs: 'probabilities', perRow: 'brier' },
    ece: { direction: 'lower', range: [0, 1], needs: 'probabilities', perRow: null },
    accuracy: { ...atThreshold, perRow: 'accuracy' },
    precision: atThreshold,
    recall: atThreshold,
    f1: atThreshold,
    balanced_accuracy: atThreshold,
    mcc: { ...atThreshold, range: [-1, 1] },
  },
  multiclass: {
    log_loss: { direction: 'lower', range: [0, null], needs: 'probabilities', perRow: 'log_loss' },
    brier: { direction: 'lower', range: [0, 2], needs: 'probabilities', perRow: 'brier' },
    accuracy: { ...ofClasses, perRow: 'accuracy' },
    top_k_accuracy: { ...ofClasses, needs: 'scores', perRow: 'top_k_accuracy', parameter: TOP_K },
    precision_macro: ofClasses,
    precision_weighted: ofClasses,
    recall_macro: ofClasses,
    recall_weighted: ofClasses,
    f1_macro: ofClasses,
    f1_weighted: ofClasses,
    roc_auc_macro: ofOrder,
    roc_auc_weighted: ofOrder,
  },
  regression: {
    rmse: { direction: 'lower', range: [0, null], needs: 'values', perRow: 'mse' },
    mse: { direction: 'lower', range: [0, null], needs: 'values', perRow: 'mse' },
    mae: { direction: 'lower', range: [0, null], needs: 'values', perRow: 'mae' },
    mape: { direction: 'lower', range: [0, null], needs: 'values', perRow: 'mape' },
    r2: { direction: 'higher', range: [null, 1], needs: 'values', perRow: 'mse' },
    median_absolute_error: { direction: 'lower', range: [0, null], needs: 'values', perRow: null },
    bias: { direction: 'zero', range: [null, null], needs: 'values', perRow: 'bias' },
    pinball: { direction: 'lower', range: [0, null], needs: 'values', perRow: 'pinball', parameter: QUANTILE },
    coverage_error: { direction: 'lower', range: [0, 1], needs: 'values', perRow: null, parameter: QUANTILE },
  },
} as const satisfies Readonly<Record<Task, Readonly<Record<string, MetricFacts>>>>;

/** Names of the metrics of a task. */
export type MetricNameOf<T extends Task> = T extends Task ? keyof (typeof METRICS)[T] & string : never;

/** A metric as a plan or a report names it: `log_loss`, or with its parameter `precision@0.3`. */
export interface MetricRef<T extends Task = Task> {
  readonly task: T;
  readonly name: MetricNameOf<T>;
  /** Null for metrics without one. */
  readonly parameter: number | null;
}

/** A metric that was read, or a sentence for the author about what is wrong with its name. */
export type ParsedMetric<T extends Task> =
  | { readonly ok: true; readonly metric: MetricRef<T>; readonly facts: MetricFacts }
  | { readonly ok: false; readonly problem: string };

/** Reads `name` or `name@parameter` as a metric of a task. Never throws: the caller knows the field to name. */
export function parseMetric<T extends Task>(task: T, text: string): ParsedMetric<T> {
  const [name = '', given, ...more] = text.split('@');
  const table: Readonly<Record<string, MetricFacts>> = METRICS[task];
  const facts = Object.hasOwn(table, name) ? table[name] : undefined;
  if (facts === undefined || more.length > 0) {
    return {
      ok: false,
      problem: `'${text}' is no metric of a ${task} task; allowed: ${Object.keys(table).join(', ')}`,
    };
  }
  const accepted = { ok: true, facts } as const;
  const metric = { task, name: name as MetricNameOf<T> };
  if (facts.parameter === undefined) {
    if (given !== undefined) return { ok: false, problem: `'${text}': ${name} takes no parameter; allowed: '${name}'` };
    return { ...accepted, metric: { ...metric, parameter: null } };
  }
  const { name: word, default: usual, min, max, whole } = facts.parameter;
  const parameter = given === undefined ? usual : /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
  const isAllowed =
    parameter !== null && (whole ? Number.isInteger(parameter) : true) && isWithin(parameter, min, max, whole);
  if (isAllowed) return { ...accepted, metric: { ...metric, parameter } };
  const kind = whole
    ? `a whole number from ${String(min)} to ${String(max)}`
    : `between ${String(min)} and ${String(max)}`;
  const found = given === undefined ? `'${text}' lacks its ${word}` : `'${text}' has the ${word} '${given}'`;
  return { ok: false, problem: `${found}; allowed: '${name}@' and ${whole ? kind : `a number ${kind}`}` };
}

function isWithin(value: number, min: number, max: number, ends: boolean): boolean {
  return ends ? value >= min && value <= max : value > min && value < max;
}

/** The name under which a report shows a metric: with its parameter, unless that is the usual one. */
export function metricLabel<T extends Task>({ task, name, parameter }: MetricRef<T>): string {
  const facts = factsOf({ task, name });
  return parameter === null || parameter === facts.parameter?.default ? name : `${name}@${String(parameter)}`;
}

/** The facts of a metric that exists. */
export function factsOf<T extends Task>({ task, name }: Pick<MetricRef<T>, 'task' | 'name'>): MetricFacts {
  const table: Readonly<Record<string, MetricFacts>> = METRICS[task];
  return table[name]!;
}

/** How good a value is, so that less is better: for ranking. A value that is unknown (null) is the worst. */
export function rankOfValue({ direction }: MetricFacts, value: number | null): number {
  if (value === null || Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  return direction === 'lower' ? value : direction === 'higher' ? -value : Math.abs(value);
}
