// Evaluates one version on one snapshot through the ONNX session that would serve it: metrics with intervals, slices, footprint, kept predictions.
// Invariant: all versions get the same rows, and each its own views' features for them, as of the instant of the snapshot.
import type { ArtifactRef } from '../../domain/data/artifacts';
import { failureCodeOf } from '../../domain/failures';
import type { Evaluation, Footprint, Measures } from '../../domain/evaluation/evaluation';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { meanRowLoss } from '../../domain/evaluation/row-loss';
import type { Task } from '../../domain/evaluation/task';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import type { DataActivities } from '../../ports/activities';
import { measureLatency } from '../../scoring/latency';
import { openModel } from '../../scoring/session';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import type { FeatureDependencies } from '../features/featurize';
import { createOwnRows } from '../feeding/own-rows';
import { createBusinessMeasure, isBusinessOf } from './business-measures';
import type { Judged } from '../judging/compare';
import { withEntityColumns } from './entity-rows';
import { baseRateOf, measure, metricsOfPlan, type Predictions } from './measure';
import { judgedRows, requireWeights, type JudgedRows, type JudgedSet } from './rows';
import { requireSameTarget } from './same-target';
import { createMatrices, recode, type Matrices } from '../snapshots/matrices';
import { planLoader } from '../plans';

export interface Evaluator {
  /**
   * The stored evaluation of a version on a snapshot, made now when there is none.
   * @throws UnderstudyError `FEATURES_CHANGED` when the version's own views cannot be computed of what the snapshot was made of, or when it
   * predicts something else than the snapshot's labels are.
   */
  evaluate(plan: ModelPlan, version: ModelVersion, snapshot: SnapshotRef): Promise<Evaluation>;
  /** The stored evaluation, made now when there is none, with its predictions. Fails as `evaluate`. */
  judged(plan: ModelPlan, version: ModelVersion, snapshot: SnapshotRef): Promise<Judged>;
  /**
   * Measures a version anew and stores nothing: from its stored predictions where there are some, else by scoring. Fails as `evaluate`.
   * @param stored the evaluation that was stored; null: none was.
   * @param named metrics besides those of the plan and of every evaluation.
   */
  inspected(
    plan: ModelPlan,
    version: ModelVersion,
    snapshot: SnapshotRef,
    stored: Evaluation | null,
    named?: readonly string[],
  ): Promise<Judged>;
  /**
   * Measures a version through its model, opened now: the file is checked against its digest, latency is measured on this machine. Stores nothing.
   * Predictions are the recorded ones unless `fresh`. Fails as `evaluate`, and with ARTIFACT_CORRUPT.
   */
  opened(
    plan: ModelPlan,
    version: ModelVersion,
    snapshot: SnapshotRef,
    stored: Evaluation | null,
    options: { readonly named: readonly string[]; readonly fresh: boolean },
  ): Promise<Opened>;
  /** The rows as the plan counts them. Fails with SIGNATURE_MISMATCH where it counts by weights that the snapshot does not have. */
  rows(plan: ModelPlan, snapshot: SnapshotRef): Promise<Readonly<Record<JudgedSet, JudgedRows>>>;
  /** With the columns of the entity table that the plan slices the holdout by. Fails as `rows`, and with ARTIFACT_MISSING. */
  slicedRows(plan: ModelPlan, snapshot: SnapshotRef): Promise<Readonly<Record<JudgedSet, JudgedRows>>>;
}

/** A version measured through its model. */
export interface Opened extends Judged {
  /** Predictions that were recorded, where there are some and they were scored again; null: they were not. */
  readonly recorded: Predictions | null;
}

const NO_LABELS = new Float32Array(0);

/** An evaluator that keeps the matrices of the last snapshots in memory. */
export function createEvaluator(dependencies: FeatureDependencies): Evaluator {
  const { stores, artifacts } = dependencies;
  const matrices = createMatrices(dependencies);
  const ownRows = createOwnRows(dependencies);
  const measureBusiness = createBusinessMeasure(dependencies, matrices);

  async function score(
    plan: ModelPlan,
    version: ModelVersion,
    snapshot: SnapshotRef,
    known: Predictions | null = null,
  ): Promise<{ predictions: Predictions; footprint: Footprint | undefined }> {
    const coding = await matrices.signature(snapshot.signature);
    const signature = await matrices.signature(version.signature);
    requireSameTarget(version, signature, coding);
    const sets: Record<JudgedSet, MatrixRows> = {
      holdout: await matrices.read(snapshot.holdout, coding),
      truth: await matrices.read(snapshot.truth, coding),
    };
    const own = await ownRows(plan, version, snapshot, [sets.holdout, sets.truth]);
    const sameCoding = JSON.stringify(signature) === JSON.stringify(coding);
    const onnx = await artifacts.get(version.onnx);
    const model = await openModel(onnx, signature);
    const featuresOf = async (set: JudgedSet): Promise<Float32Array> => {
      if (own) return own(snapshot[set], signature);
      const { features, rows } = sets[set];
      return sameCoding ? features : recode(features, rows, coding, signature);
    };
    try {
      const onHoldout = await featuresOf('holdout');
      const predictions = known ?? {
        holdout: await model.score(onHoldout, sets.holdout.rows),
        truth: await model.score(await featuresOf('truth'), sets.truth.rows),
      };
      const latency = await measureLatency(model, onHoldout, sets.holdout.rows);
      return { predictions, footprint: latency ? { bytes: onnx.length, ...latency } : undefined };
    } finally {
      await model.release();
    }
  }

  /** Of the training rows the constant prediction needs labels and weights, and of several classes or values the signature has them. */
  async function trainedOn(
    snapshot: SnapshotRef,
    isWeighted: boolean,
    task: Task,
  ): Promise<Pick<MatrixRows, 'labels' | 'weights'>> {
    if (isWeighted) return matrices.read(snapshot.train, await matrices.signature(snapshot.signature));
    return { labels: task === 'binary' ? await matrices.labels(snapshot.train) : NO_LABELS };
  }

  async function measures(
    plan: ModelPlan,
    version: ModelVersion,
    snapshot: SnapshotRef,
    predictions: Predictions,
    footprint: Footprint | undefined,
    named?: readonly string[],
    kept: Evaluation | null = null,
  ): Promise<Measures> {
    const rows = await evaluator.slicedRows(plan, snapshot);
    const isWeighted = plan.evaluation.weighted === true;
    const train = await trainedOn(snapshot, isWeighted, rows.holdout.target.task);
    return {
      version: version.version,
      contender: version.contender,
      snapshot: snapshot.id,
      ...measure(plan, rows, predictions, named),
      ...(isWeighted && { weighted: true }),
      baseRate: baseRateOf({ ...train, weights: isWeighted ? requireWeights(train, snapshot) : undefined }, rows),
      ...(footprint && { footprint }),
      ...(await measureBusiness(plan, snapshot, predictions, kept)),
    };
  }

  async function keep(values: Float32Array): Promise<ArtifactRef> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return artifacts.put(bytes, 'application/octet-stream', values.length);
  }

  async function kept(ref: ArtifactRef): Promise<Float32Array> {
    const bytes = await artifacts.get(ref);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  const evaluator: Evaluator = {
    rows: (plan, snapshot) => rowsOf(matrices, snapshot, plan.evaluation.weighted === true),
    async slicedRows(plan, snapshot) {
      const rows = await evaluator.rows(plan, snapshot);
      const beside = (set: JudgedSet) => withEntityColumns(dependencies, plan, snapshot, rows[set]);
      return { holdout: await beside('holdout'), truth: rows.truth };
    },
    async evaluate(plan, version, snapshot) {
      const stored = await stores.registry.evaluation(plan.name, version.version, snapshot.id);
      if (stored && !isCountedAs(plan, stored)) {
        const { measures } = await evaluator.inspected(plan, version, snapshot, stored);
        const again = { ...measures, predictions: stored.predictions };
        await stores.registry.saveEvaluation(plan.name, again);
        return again;
      }
      if (stored && isBusinessOf(plan, stored)) return stored;
      if (stored) {
        // Only the business metric has changed since.
        const predictions = {
          holdout: await kept(stored.predictions.holdout),
          truth: await kept(stored.predictions.truth),
        };
        const again = { ...stored, ...(await measureBusiness(plan, snapshot, predictions, stored)) };
        await stores.registry.saveEvaluation(plan.name, again);
        return again;
      }
      const { predictions, footprint } = await score(plan, version, snapshot);
      const evaluation: Evaluation = {
        ...(await measures(plan, version, snapshot, predictions, footprint)),
        predictions: { holdout: await keep(predictions.holdout), truth: await keep(predictions.truth) },
      };
      await stores.registry.saveEvaluation(plan.name, evaluation);
      return evaluation;
    },
    async judged(plan, version, snapshot) {
      const evaluation = await evaluator.evaluate(plan, version, snapshot);
      // A definition of today may rank and judge by what that of the evaluation did not name.
      if (metricsOfPlan(plan).some((metric) => evaluation.holdout.metrics[metric] === undefined))
        return evaluator.inspected(plan, version, snapshot, evaluation);
      const { holdout, truth } = evaluation.predictions;
      return {
        version,
        measures: evaluation,
        predictions: { holdout: await kept(holdout), truth: await kept(truth) },
      };
    },
    async opened(plan, version, snapshot, stored, { named, fresh }) {
      const recorded = stored && {
        holdout: await kept(stored.predictions.holdout),
        truth: await kept(stored.predictions.truth),
      };
      const { predictions, footprint } = await score(plan, version, snapshot, fresh ? null : recorded);
      const found = await measures(plan, version, snapshot, predictions, footprint, named, fresh ? null : stored);
      return { version, predictions, measures: found, recorded: fresh ? recorded : null };
    },
    async inspected(plan, version, snapshot, stored, named) {
      if (!stored) {
        const { predictions, footprint } = await score(plan, version, snapshot);
        return {
          version,
          predictions,
          measures: await measures(plan, version, snapshot, predictions, footprint, named),
        };
      }
      const { predictions: refs, footprint } = stored;
      const predictions = { holdout: await kept(refs.holdout), truth: await kept(refs.truth) };
      return {
        version,
        predictions,
        measures: await measures(plan, version, snapshot, predictions, footprint, named, stored),
      };
    },
  };
  return evaluator;
}

/** Whether the rows of an evaluation count as the plan counts them. */
function isCountedAs({ evaluation }: ModelPlan, { weighted }: Evaluation): boolean {
  return (evaluation.weighted ?? false) === (weighted ?? false);
}

async function rowsOf(
  matrices: Matrices,
  snapshot: SnapshotRef,
  isWeighted: boolean,
): Promise<Readonly<Record<JudgedSet, JudgedRows>>> {
  return {
    holdout: await judgedRows(matrices, snapshot, 'holdout', isWeighted),
    truth: await judgedRows(matrices, snapshot, 'truth', isWeighted),
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
          return { version, contender: loaded.contender, logLoss: meanRowLoss(evaluation.holdout).value };
        } catch (error) {
          // A champion that can no longer be fed: the contenders beside it are to be trained and kept; the decision is what is refused.
          if (failureCodeOf(error) !== 'FEATURES_CHANGED') throw error;
          return { version, contender: loaded.contender, logLoss: null };
        }
      }),
  };
}
