// Makes the explanation of a version from its stored evaluation, the holdout rows of its own snapshot, and its training report.
// Invariant: the version is run through the ONNX session that would serve it, on rows that it has not been trained on.
import { TrainingReport, type Explanation } from '../../domain/evaluation/explanation';
import type { Evaluation } from '../../domain/evaluation/evaluation';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { recordedTarget } from '../../domain/evaluation/task';
import { openModelInThreads } from '../../scoring/session-threads';
import type { DataDependencies } from '../dependencies';
import { createMatrices } from '../snapshots/matrices';
import { curvesOf, thinnedTraining } from './curves';
import { taskCurvesOf } from './task-curves';
import { dependenceOf, importanceOf } from './measured';

/** Features whose dependence is kept. */
const TOP_FEATURES = 6;

/** More hardly shorten it. */
const MOST_THREADS = 4;

/** What explaining reads. */
export type ExplainDependencies = Pick<DataDependencies, 'artifacts' | 'engine'> & {
  /** How many threads score beside the calling one. Default 0: the calling one does. */
  readonly trainingThreads?: number;
  readonly stores: Pick<DataDependencies['stores'], 'registry' | 'definitions' | 'features'>;
};

/** Explains a version. Fails with VERSION_NOT_FOUND when it has not been evaluated, ARTIFACT_MISSING when its rows are gone. */
export type Explain = (model: string, version: number) => Promise<Explanation>;

/** See {@link Explain}; matrices are kept between calls. */
export function createExplain(dependencies: ExplainDependencies): Explain {
  const { stores, artifacts, trainingThreads = 0 } = dependencies;
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
    const holdout = await matrices.readAs(snapshot, 'holdout', signature);
    const report = TrainingReport.parse(JSON.parse((await artifacts.get(version.training.report)).toString()));
    const predictions = await predictionsOf(evaluation);
    const target = recordedTarget(signature);
    const threads = Math.min(MOST_THREADS, trainingThreads);
    const opened = await openModelInThreads(await artifacts.get(version.onnx), signature, threads);
    const weights = evaluation.weighted ? holdout.weights : undefined;
    try {
      const importance = await importanceOf(plan, signature, opened, holdout);
      const top = importance.features.slice(0, TOP_FEATURES).map(({ name }) => name);
      return {
        ...{ model, version: number, contender: version.contender, snapshot: snapshot.id },
        importance,
        parameters: parametersOf(report.parameters),
        shap: report.shap ?? null,
        dependence: await dependenceOf(signature, opened, holdout, top),
        curves: {
          ...(target.task === 'binary' ? curvesOf(holdout.labels, predictions, weights) : NO_CURVES),
          ...taskCurvesOf(target, holdout.labels, predictions, weights),
          training: thinnedTraining(report.curve),
        },
        notes: notesOf(evaluation, report.shap !== undefined, version.lineage.trainer),
      };
    } finally {
      await opened.release();
    }
  };
}

/** Those of two classes. */
const NO_CURVES = { roc: null, precisionRecall: null, calibration: null };

/** Lists, such as constraints by column, as JSON. */
function parametersOf(found: Readonly<Record<string, unknown>>): Explanation['parameters'] {
  const plain = (value: unknown): string | number | boolean =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : (JSON.stringify(value) ?? '');
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, plain(value)]));
}

function notesOf({ holdout, classes = [] }: Evaluation, hasShap: boolean, trainer: string): string[] {
  const notes = [];
  if (holdout.positives === 0 || holdout.positives === holdout.n)
    notes.push('The holdout has one class only: curves, and importance by metrics of order, are undefined.');
  const absent = classes.filter((_, at) => holdout.classRows?.[at] === 0);
  if (absent.length > 0) notes.push(`The holdout has no row of ${absent.join(', ')}: their curves are undefined.`);
  if (!hasShap) notes.push(`The trainer ${trainer} gives no Shapley values.`);
  return notes;
}
