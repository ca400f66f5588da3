// Makes the explanation of a version from its stored evaluation, the holdout rows of its own snapshot, and its training report.
// Invariant: the version is run through the ONNX session that would serve it, on rows that it has not been trained on.
import {
  TrainingReport,
  type Curve,
  type Dependence,
  type Explanation,
  type Importance,
} from '../../domain/explanation';
import type { Evaluation } from '../../domain/evaluation';
import { UnderstudyError } from '../../domain/failures';
import { parseMetric, type MetricRef } from '../../domain/metrics';
import type { SnapshotRef } from '../../domain/partitions';
import type { ModelPlan } from '../../domain/plan';
import type { ModelVersion } from '../../domain/registry';
import type { ModelSignature } from '../../domain/training';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import { openModel, type OpenModel } from '../../scoring/session';
import { partialDependence } from '../../statistics/explanation/partial-dependence';
import { permutationImportance, type PermutationImportance } from '../../statistics/explanation/permutation';
import { calibrationBins } from '../../statistics/metrics/binary/calibration';
import { precisionRecallCurve, rocCurve } from '../../statistics/metrics/binary/curves';
import { randomNumbers } from '../../statistics/random';
import type { DataDependencies } from '../dependencies';
import { createMatrices } from '../matrices';

/** Rows of the holdout at most that are scored again and again; more say little more. */
const IMPORTANCE_ROWS = 2000;
const DEPENDENCE_ROWS = 500;
const REPEATS = 5;
const SEED = 1;
/** Features whose dependence is kept. */
const TOP_FEATURES = 6;
const GRID_POINTS = 20;
const CURVE_POINTS = 120;

/** What explaining reads. */
export type ExplainDependencies = Pick<DataDependencies, 'artifacts' | 'engine'> & {
  readonly stores: Pick<DataDependencies['stores'], 'registry' | 'definitions' | 'features'>;
};

/** Explains a version. Fails with VERSION_NOT_FOUND when it has not been evaluated, ARTIFACT_MISSING when its rows are gone. */
export type Explain = (model: string, version: number) => Promise<Explanation>;

/** See {@link Explain}; matrices are kept between calls. */
export function createExplain(dependencies: ExplainDependencies): Explain {
  const { stores, artifacts } = dependencies;
  const matrices = createMatrices(dependencies);

  async function judged(version: ModelVersion): Promise<{ evaluation: Evaluation; snapshot: SnapshotRef }> {
    const { lineage } = version;
    const snapshot = await stores.features.loadSnapshot(lineage.snapshot);
    const evaluation = await stores.registry.evaluation(version.model, version.version, lineage.snapshot);
    if (snapshot && evaluation) return { evaluation, snapshot };
    throw new UnderstudyError(
      'VERSION_NOT_FOUND',
      `Version ${version.version} of ${version.model} has no evaluation on the snapshot that it was trained for; it can be explained after one.`,
      { model: version.model, version: version.version },
    );
  }

  async function predictionsOf(evaluation: Evaluation): Promise<Float32Array> {
    const bytes = await artifacts.get(evaluation.predictions.holdout);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  return async (model, number) => {
    const version = await stores.registry.load(model, number);
    const { plan } = await stores.definitions.load(version.lineage.definitionDigest);
    const { evaluation, snapshot } = await judged(version);
    const signature = await matrices.signature(version.signature);
    const holdout = await matrices.read(snapshot.holdout, signature);
    const report = TrainingReport.parse(JSON.parse((await artifacts.get(version.training.report)).toString()));
    const predictions = await predictionsOf(evaluation);
    const opened = await openModel(await artifacts.get(version.onnx), signature);
    try {
      const importance = await importanceOf(plan, signature, opened, holdout);
      const top = importance.features.slice(0, TOP_FEATURES).map(({ name }) => name);
      return {
        ...{ model, version: number, contender: version.contender, snapshot: snapshot.id },
        importance,
        shap: report.shap ?? null,
        dependence: await dependenceOf(signature, opened, holdout, top),
        curves: { ...curvesOf(holdout.labels, predictions), training: thinned(report.curve) },
        notes: notesOf(evaluation, report.shap !== undefined, version.lineage.trainer),
      };
    } finally {
      await opened.release();
    }
  };
}

async function importanceOf(
  plan: ModelPlan,
  signature: ModelSignature,
  opened: OpenModel,
  holdout: MatrixRows,
): Promise<Explanation['importance']> {
  const columns = signature.columns.length;
  const { features, labels } = sampleOf(holdout, columns, IMPORTANCE_ROWS);
  const { baseline, groups } = await permutationImportance({
    score: (matrix, rows) => opened.score(matrix, rows),
    ...{ features, labels, columns, groups: groupsOf(plan, signature), metric: metricOf(plan) },
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

function metricOf({ evaluation: { primary } }: ModelPlan): MetricRef<'binary'> {
  const parsed = parseMetric('binary', primary);
  if (parsed.ok) return parsed.metric;
  throw new UnderstudyError('DEFINITION_INVALID', `evaluation.primary: ${parsed.problem}`);
}

async function dependenceOf(
  signature: ModelSignature,
  opened: OpenModel,
  holdout: MatrixRows,
  names: readonly string[],
): Promise<Explanation['dependence']> {
  const columns = signature.columns.length;
  const { features, labels } = sampleOf(holdout, columns, DEPENDENCE_ROWS);
  const found: Dependence[] = [];
  for (const name of names) {
    const at = signature.columns.findIndex((column) => column.name === name);
    const column = signature.columns[at]!;
    const points = await partialDependence({
      score: (matrix, rows) => opened.score(matrix, rows),
      ...{ features, columns, column: at, kind: column.kind, points: GRID_POINTS },
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

/** Always the same rows of a matrix: every row has the same chance. */
function sampleOf(
  { rows, features, labels }: MatrixRows,
  columns: number,
  most: number,
): { features: Float32Array; labels: Float32Array } {
  if (rows <= most) return { features, labels };
  const random = randomNumbers(SEED);
  const chosen: number[] = [];
  // Selection sampling: a row is taken with the chance (still wanted) / (still to come).
  for (let row = 0; row < rows; row++) {
    if (random() * (rows - row) < most - chosen.length) chosen.push(row);
  }
  const picked = new Float32Array(chosen.length * columns);
  chosen.forEach((row, at) => picked.set(features.subarray(row * columns, (row + 1) * columns), at * columns));
  return { features: picked, labels: Float32Array.from(chosen, (row) => labels[row]!) };
}

function curvesOf(labels: Float32Array, predictions: Float32Array): Omit<Explanation['curves'], 'training'> {
  const options = { maxPoints: CURVE_POINTS };
  const roc = rocCurve(labels, predictions, options);
  const precisionRecall = precisionRecallCurve(labels, predictions, options);
  const points = <T>(found: readonly T[] | null, of: (point: T) => readonly [number, number]): Curve | null =>
    found?.map(of) ?? null;
  return {
    roc: points(roc, ({ falsePositiveRate, truePositiveRate }) => [falsePositiveRate, truePositiveRate]),
    precisionRecall: points(precisionRecall, ({ recall, precision }) => [recall, precision]),
    calibration:
      calibrationBins(labels, predictions)?.map(({ meanProbability, positiveShare, n }) => {
        return { meanProbability, positiveShare, n };
      }) ?? null,
  };
}

/** The first, the last, and evenly between. */
function thinned<T>(points: readonly T[]): T[] {
  if (points.length <= CURVE_POINTS) return [...points];
  const step = (points.length - 1) / (CURVE_POINTS - 1);
  return Array.from({ length: CURVE_POINTS }, (_, i) => points[Math.round(i * step)]!);
}

function notesOf({ holdout }: Evaluation, hasShap: boolean, trainer: string): string[] {
  const notes = [];
  if (holdout.positives === 0 || holdout.positives === holdout.n)
    notes.push('The holdout has one class only: curves, and importance by metrics of order, are undefined.');
  if (!hasShap) notes.push(`The trainer ${trainer} gives no Shapley values.`);
  return notes;
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
