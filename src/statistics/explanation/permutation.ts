// Permutation importance: how much worse a model becomes when a column's values are dealt to other rows.
// Invariant: the same rows, seed and repeats give the same numbers, whatever other groups are asked for. A row is scored once for each content that it gets.
import { factsOf, type MetricRef, type Task } from '../../domain/evaluation/metrics';
import type { Target } from '../../domain/evaluation/task';
import { requireSameLength, requireThat } from '../inputs';
import { prepareMetric } from '../metrics/registry';
import { rowsOfTask } from '../metrics/row-loss';
import { randomNumbers } from '../../domain/random';

/**
 * Predictions for a matrix, row by row, as many values a row as `Target` says. Those of a row depend on that row alone, so a row that was scored
 * before need not be scored again.
 */
export type ScoreMatrix = (matrix: Float32Array, rows: number) => Promise<ArrayLike<number>>;

/** What is permuted, and how its effect is measured. */
export interface PermutationRequest {
  readonly score: ScoreMatrix;
  /** Row by row; NaN for missing. It is copied, never changed. */
  readonly features: Float32Array;
  readonly columns: number;
  /** As numbers of the task. */
  readonly labels: ArrayLike<number>;
  /** Name → positions of the columns that are dealt together, such as a column alone, or all that come from one source. */
  readonly groups: Readonly<Record<string, readonly number[]>>;
  /** Of the metric. Default: every row weighs 1. */
  readonly weights?: ArrayLike<number> | undefined;
  /** What is predicted. Default: `binary`. */
  readonly target?: Target;
  /** Of the target's task. */
  readonly metric: MetricRef | { readonly [T in Task]: MetricRef<T> }[Task];
  /** Default 5. */
  readonly repeats?: number;
  /** A whole number. Default 1. */
  readonly seed?: number;
}

/** The importance of one group. */
export interface PermutationImportance {
  readonly name: string;
  /** Mean over repeats of how much worse the metric becomes; below 0: it became better. NaN where the metric is undefined. */
  readonly mean: number;
  /** Standard deviation over repeats (divided by their number, as numpy does unless told otherwise). */
  readonly deviation: number;
}

const DEFAULT_REPEATS = 5;

/**
 * Breiman (2001), as scikit-learn's `permutation_importance`: baseline score minus the score with the columns permuted, for metrics where
 * less is better the other way round. Columns that say the same hide each other: permute them as one group.
 * @returns the baseline's metric, and the groups in the order given.
 * @throws UnderstudyError `INTERNAL` on arrays of different lengths, fewer than 1 repeat, or a column that does not exist.
 */
export async function permutationImportance(
  request: PermutationRequest,
): Promise<{ readonly baseline: number; readonly groups: PermutationImportance[] }> {
  const { score, features, columns, labels, groups, repeats = DEFAULT_REPEATS, seed = 1 } = request;
  const { target = { task: 'binary' } } = request;
  const metric = request.metric as MetricRef;
  const rows = labels.length;
  const statistic = 'permutation importance';
  requireSameLength(statistic, { features: features.length, 'labels × columns': rows * columns });
  requireThat(Number.isInteger(repeats) && repeats > 0, statistic, `${repeats} repeats`, 'a whole number from 1');
  for (const [name, members] of Object.entries(groups)) {
    const bad = members.find((column) => !Number.isInteger(column) || column < 0 || column >= columns);
    requireThat(bad === undefined, statistic, `column ${String(bad)} of ${name}`, `0 to ${columns - 1}`);
  }
  const measure = (predictions: ArrayLike<number>): number =>
    prepareMetric(metric, rowsOfTask(target, labels, predictions))(request.weights);
  const unchanged = await score(features, rows);
  const baseline = measure(unchanged);
  const worseBy = lossOf(metric, baseline);
  const found: PermutationImportance[] = [];
  for (const [name, members] of Object.entries(groups)) {
    const orders = Array.from({ length: repeats }, (_, repeat) =>
      permutation(rows, randomNumbers(seedOf(`${seed}/${name}/${repeat}`))),
    );
    const { matrix, count, places } = dealt(features, columns, members, orders);
    const scored = count === 0 ? [] : await score(matrix, count);
    const drops = places.map((ofRepeat) => worseBy(measure(withScored(unchanged, scored, ofRepeat))));
    found.push({ name, ...meanAndDeviation(drops) });
  }
  return { baseline, groups: found };
}

/** How much worse a value of the metric is than the baseline. */
function lossOf(metric: MetricRef, baseline: number): (value: number) => number {
  const { direction } = factsOf(metric);
  if (direction === 'lower') return (value) => value - baseline;
  if (direction === 'higher') return (value) => baseline - value;
  return (value) => Math.abs(value) - Math.abs(baseline);
}

/** Fisher-Yates. */
function permutation(rows: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = kept;
  }
  return order;
}

/** Rows that are to be scored, and for each order where each row finds its predictions: -1: it is as it was. */
interface DealtRows {
  readonly matrix: Float32Array;
  readonly count: number;
  readonly places: readonly Int32Array[];
}

/** The rows with the members' values of other rows, in several orders: each different one once. */
function dealt(
  features: Float32Array,
  columns: number,
  members: readonly number[],
  orders: readonly Int32Array[],
): DealtRows {
  const rows = features.length / columns;
  const isSame = (a: number, b: number): boolean =>
    members.every((column) => Object.is(features[a * columns + column], features[b * columns + column]));
  const places = orders.map((order) => new Int32Array(order.length));
  const matrix = new Float32Array(orders.length * features.length);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (const [at, order] of orders.entries()) {
      const giver = order[row]!;
      const before = orders.findIndex((other, earlier) => earlier < at && isSame(other[row]!, giver));
      if (isSame(row, giver)) places[at]![row] = -1;
      else if (before >= 0) places[at]![row] = places[before]![row]!;
      else {
        matrix.set(features.subarray(row * columns, (row + 1) * columns), count * columns);
        for (const column of members) matrix[count * columns + column] = features[giver * columns + column]!;
        places[at]![row] = count++;
      }
    }
  }
  return { matrix: matrix.subarray(0, count * columns), count, places };
}

/** All rows' predictions: of changed rows those that were scored now. */
function withScored(unchanged: ArrayLike<number>, scored: ArrayLike<number>, places: Int32Array): Float64Array {
  const width = unchanged.length / places.length;
  const predictions = Float64Array.from(unchanged);
  places.forEach((place, row) => {
    if (place < 0) return;
    for (let at = 0; at < width; at++) predictions[row * width + at] = scored[place * width + at]!;
  });
  return predictions;
}

/** 32 bits of a text (FNV-1a): each group and repeat has a stream of its own, so that one more group changes no other. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
