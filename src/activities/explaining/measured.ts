// What is measured by running a version again and again: importance of features and views, and dependence on the most important ones.
// Invariant: always the same rows and the same permutations, so that two versions of one snapshot can be compared.
import type { Dependence, Explanation, Importance } from '../../domain/evaluation/explanation';
import { UnderstudyError } from '../../domain/failures';
import { parseMetric, type MetricRef } from '../../domain/evaluation/metrics';
import type { ModelPlan } from '../../domain/plan/plan';
import { recordedTarget, targetOf, widthOf } from '../../domain/evaluation/task';
import type { ModelSignature } from '../../domain/training/training';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import type { OpenModel } from '../../scoring/session';
import { partialDependence } from '../../statistics/explanation/partial-dependence';
import { permutationImportance, type PermutationImportance } from '../../statistics/explanation/permutation';
import { randomNumbers } from '../../domain/random';

/** Rows of the holdout at most that are scored again and again; more say little more. */
const IMPORTANCE_ROWS = 2000;
const DEPENDENCE_ROWS = 500;
const REPEATS = 5;
const SEED = 1;
const GRID_POINTS = 20;

/** Permutation importance by the primary metric, the most important first. */
export async function importanceOf(
  plan: ModelPlan,
  signature: ModelSignature,
  opened: OpenModel,
  holdout: MatrixRows,
): Promise<Explanation['importance']> {
  const columns = signature.columns.length;
  const { features, labels, weights } = sampleOf(
    plan.evaluation.weighted === true ? holdout : { ...holdout, weights: undefined },
    columns,
    IMPORTANCE_ROWS,
  );
  const { baseline, groups } = await permutationImportance({
    score: (matrix, rows) => opened.score(matrix, rows),
    ...{ features, labels, weights, columns, groups: groupsOf(plan, signature), metric: metricOf(plan) },
    target: targetOf(plan),
    ...{ repeats: REPEATS, seed: SEED },
  });
  const of = (kind: string): Importance[] =>
    groups
      .filter(({ name }) => name.startsWith(kind))
      .map((group) => stored(group, kind))
      .sort(mostFirst);
  return {
    ...{ metric: plan.evaluation.primary, rows: labels.length, of: holdout.rows, repeats: REPEATS, seed: SEED },
    ...{ baseline: finite(baseline), features: of(FEATURE), views: of(VIEW) },
  };
}

const FEATURE = 'feature ';
const VIEW = 'view ';

/** Each feature alone, and the features of each view together. */
function groupsOf(plan: ModelPlan, { columns }: ModelSignature): Record<string, number[]> {
  const groups: Record<string, number[]> = {};
  columns.forEach(({ name }, at) => (groups[FEATURE + name] = [at]));
  for (const view of plan.features) {
    const members = columns.flatMap(({ name }, at) => (Object.hasOwn(view.features, name) ? [at] : []));
    if (members.length > 0) groups[VIEW + view.name] = members;
  }
  return groups;
}

function metricOf({ task, evaluation: { primary } }: ModelPlan): MetricRef {
  const parsed = parseMetric(task, primary);
  if (parsed.ok) return parsed.metric;
  throw new UnderstudyError('DEFINITION_INVALID', `evaluation.primary: ${parsed.problem}`);
}

/** Partial dependence on the named features, in that order. */
export async function dependenceOf(
  signature: ModelSignature,
  opened: OpenModel,
  holdout: MatrixRows,
  names: readonly string[],
): Promise<Explanation['dependence']> {
  const columns = signature.columns.length;
  const width = widthOf(recordedTarget(signature));
  const { features, labels } = sampleOf(holdout, columns, DEPENDENCE_ROWS);
  const found: Dependence[] = [];
  for (const name of names) {
    const at = signature.columns.findIndex((column) => column.name === name);
    const column = signature.columns[at]!;
    const points = await partialDependence({
      score: (matrix, rows) => opened.score(matrix, rows),
      ...{ features, columns, column: at, kind: column.kind, width, points: GRID_POINTS },
    });
    const nameOf = (value: number | null): number | string | null =>
      value === null || column.kind === 'number' ? value : (column.categories[value] ?? null);
    found.push({
      feature: name,
      kind: column.kind,
      points: points.map((point) => ({ ...point, value: nameOf(point.value) })),
    });
  }
  return { rows: labels.length, features: found };
}

type SampledRows = Pick<MatrixRows, 'rows' | 'features' | 'labels'> & { readonly weights?: Float32Array | undefined };

/** Always the same rows of a matrix: every row has the same chance. */
function sampleOf(
  { rows, features, labels, weights }: SampledRows,
  columns: number,
  most: number,
): Omit<SampledRows, 'rows'> {
  if (rows <= most) return { features, labels, weights };
  const random = randomNumbers(SEED);
  const chosen: number[] = [];
  // Selection sampling: a row is taken with the chance (still wanted) / (still to come).
  for (let row = 0; row < rows; row++) {
    if (random() * (rows - row) < most - chosen.length) chosen.push(row);
  }
  const picked = new Float32Array(chosen.length * columns);
  chosen.forEach((row, at) => picked.set(features.subarray(row * columns, (row + 1) * columns), at * columns));
  const pick = (values: Float32Array): Float32Array => Float32Array.from(chosen, (row) => values[row]!);
  return { features: picked, labels: pick(labels), weights: weights && pick(weights) };
}

function stored({ name, mean, deviation }: PermutationImportance, kind: string): Importance {
  return { name: name.slice(kind.length), mean: finite(mean), deviation: finite(deviation) };
}

function mostFirst(a: Importance, b: Importance): number {
  return (b.mean ?? -Infinity) - (a.mean ?? -Infinity);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
