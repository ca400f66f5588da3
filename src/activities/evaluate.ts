// Evaluates one version on one snapshot through the ONNX session that would serve it: metrics with intervals, slices, kept predictions.
// Invariant: all versions get the same rows, and each its own views' features for them, as of the instant of the snapshot.
import type { ArtifactRef } from '../domain/artifacts';
import { failureCodeOf } from '../domain/failures';
import type { Estimate, Evaluation, MetricSet, SliceMetrics } from '../domain/evaluation';
import type { SnapshotRef } from '../domain/partitions';
import type { ModelPlan } from '../domain/plan';
import type { ModelVersion } from '../domain/registry';
import type { ModelSignature } from '../domain/training';
import type { MatrixRows } from '../data/snapshot/read-matrix';
import type { DataActivities } from '../ports/activities';
import { openModel } from '../scoring/session';
import { logLoss } from '../statistics/metrics/binary/probabilities';
import { clusterInterval } from '../statistics/significance/cluster-intervals';
import { evaluateBinary } from '../statistics/metrics/binary/evaluate';
import { heartbeating } from './boundary';
import type { DataDependencies } from './dependencies';
import { createOwnRows, type OwnRows } from './feeding/own-rows';
import { createMatrices, recode, type Matrices } from './matrices';
import { planLoader } from './plans';

export interface Evaluator {
  /**
   * The stored evaluation of a version on a snapshot, made now when there is none.
   * @throws UnderstudyError `FEATURES_CHANGED` when the version's own views cannot be computed of what the snapshot was made of.
   */
  evaluate(plan: ModelPlan, version: ModelVersion, snapshot: SnapshotRef): Promise<Evaluation>;
  /** Kept predictions, in the row order of the snapshot's matrix. */
  predictions(ref: ArtifactRef): Promise<Float32Array>;
  readonly matrices: Matrices;
}

export function createEvaluator(dependencies: DataDependencies): Evaluator {
  const { stores, artifacts } = dependencies;
  const matrices = createMatrices(dependencies);

  const ownRows = createOwnRows(dependencies);

  async function score(
    version: ModelVersion,
    coding: ModelSignature,
    sets: readonly { readonly ref: ArtifactRef; readonly matrix: MatrixRows }[],
    own: OwnRows | null,
  ): Promise<Float32Array[]> {
    const signature = await matrices.signature(version.signature);
    const sameCoding = JSON.stringify(signature) === JSON.stringify(coding);
    const model = await openModel(await artifacts.get(version.onnx), signature);
    try {
      const scored: Float32Array[] = [];
      for (const { ref, matrix } of sets) {
        const features = own
          ? await own(ref, signature)
          : sameCoding
            ? matrix.features
            : recode(matrix.features, matrix.rows, coding, signature);
        scored.push(await model.score(features, matrix.rows));
      }
      return scored;
    } finally {
      await model.release();
    }
  }

  return {
    matrices,
    async evaluate(plan, version, snapshot) {
      const stored = await stores.registry.evaluation(plan.name, version.version, snapshot.id);
      if (stored) return stored;
      const coding = await matrices.signature(snapshot.signature);
      const holdout = await matrices.read(snapshot.holdout, coding);
      const truth = await matrices.read(snapshot.truth, coding);
      const own = await ownRows(plan, version, snapshot, [holdout, truth]);
      const sets = [
        { ref: snapshot.holdout, matrix: holdout },
        { ref: snapshot.truth, matrix: truth },
      ];
      const [onHoldout, onTruth] = (await score(version, coding, sets, own)) as [Float32Array, Float32Array];
      const keep = (values: Float32Array): Promise<ArtifactRef> =>
        artifacts.put(
          new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
          'application/octet-stream',
          values.length,
        );
      const evaluation: Evaluation = {
        version: version.version,
        contender: version.contender,
        snapshot: snapshot.id,
        holdout: metricSet(holdout, onHoldout),
        truth: metricSet(truth, onTruth),
        slices: sliceMetrics(plan, coding, holdout, onHoldout),
        baseRate: await baseRate(matrices, snapshot, coding, holdout, truth),
        predictions: { holdout: await keep(onHoldout), truth: await keep(onTruth) },
      };
      await stores.registry.saveEvaluation(plan.name, evaluation);
      return evaluation;
    },
    async predictions(ref) {
      const bytes = await artifacts.get(ref);
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
  };
}

export function createEvaluateActivities(dependencies: DataDependencies): Pick<DataActivities, 'evaluateVersion'> {
  const { stores } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const evaluator = createEvaluator(dependencies);
  return {
    evaluateVersion: ({ definitionDigest, version, snapshot }) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(definitionDigest);
        const loaded = await stores.registry.load(plan.name, version);
        try {
          const evaluation = await evaluator.evaluate(plan, loaded, snapshot);
          return { version, contender: loaded.contender, logLoss: evaluation.holdout.metrics.log_loss.value };
        } catch (error) {
          // A champion that can no longer be fed: the contenders beside it are to be trained and kept; the decision is what is refused.
          if (failureCodeOf(error) !== 'FEATURES_CHANGED') throw error;
          return { version, contender: loaded.contender, logLoss: null };
        }
      }),
  };
}

/** JSON knows no NaN: what cannot be computed is null. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function estimate({ value, low, high }: { value: number; low: number; high: number }): Estimate {
  return { value: finite(value), low: finite(low), high: finite(high) };
}

function metricSet(matrix: MatrixRows, predictions: Float32Array): MetricSet {
  const { n, clusters, positives, ...metrics } = evaluateBinary(matrix.labels, predictions, matrix.days);
  return {
    n,
    days: clusters,
    positives,
    metrics: {
      log_loss: estimate(metrics.log_loss),
      roc_auc: estimate(metrics.roc_auc),
      pr_auc: estimate(metrics.pr_auc),
      brier: estimate(metrics.brier),
      ece: estimate(metrics.ece),
      accuracy: estimate(metrics.accuracy),
    },
  };
}

/** Log loss on each value of the declared categories that has enough rows. */
function sliceMetrics(
  plan: ModelPlan,
  coding: ModelSignature,
  matrix: MatrixRows,
  predictions: Float32Array,
): SliceMetrics[] {
  const width = coding.columns.length;
  return plan.evaluation.slices.flatMap((name) => {
    const index = coding.columns.findIndex((column) => column.name === name);
    const column = coding.columns[index];
    if (column?.kind !== 'category') return [];
    return column.categories.flatMap((value, code) => {
      const rows: number[] = [];
      for (let row = 0; row < matrix.rows; row++) if (matrix.features[row * width + index] === code) rows.push(row);
      if (rows.length < plan.evaluation.sliceMinRows) return [];
      const pick = (values: ArrayLike<number>): number[] => rows.map((row) => values[row]!);
      const interval = clusterInterval(logLoss, pick(matrix.labels), pick(predictions), pick(matrix.days));
      return [{ column: name, value, n: rows.length, logLoss: estimate(interval) }];
    });
  });
}

async function baseRate(
  matrices: Matrices,
  snapshot: SnapshotRef,
  coding: ModelSignature,
  holdout: MatrixRows,
  truth: MatrixRows,
): Promise<Evaluation['baseRate']> {
  const { labels } = await matrices.read(snapshot.train, coding);
  let positives = 0;
  for (const label of labels) positives += label;
  const rate = positives / labels.length;
  const constant = (matrix: MatrixRows): number => logLoss(matrix.labels, new Float64Array(matrix.rows).fill(rate));
  return { rate, holdoutLogLoss: constant(holdout), truthLogLoss: constant(truth) };
}
