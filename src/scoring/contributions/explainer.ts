// Which part each feature has in a prediction, from the trainer's own model: the way in for those who have a version's artifacts.
// Invariant: contributions are told only when, with their bases, they add up to what the ONNX model says.
import { TrainingReport, type ShapReport } from '../../domain/evaluation/explanation';
import { UnderstudyError } from '../../domain/failures';
import { recordedTarget, type Target } from '../../domain/evaluation/task';
import type { ModelSignature } from '../../domain/training/training';
import { scaleOf } from '../value-scale';
import { readLightgbmText } from './lightgbm-text';
import { linearContributions, type LinearModel } from './linear';
import { predictionOf, type Parts } from './parts';
import { treeParts } from './tree-sums';
import { readXgboostJson } from './xgboost-json';

/** Contributions of the predictions of one version. */
export interface Explainer {
  readonly method: ShapReport['method'];
  /**
   * @param row - the encoded row, NaN for missing.
   * @param prediction - what the ONNX model says of the row: one value, of several classes one for each.
   * @returns the parts of each value of the prediction, in their order.
   * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE` when the parts do not add up to it.
   */
  explain(row: Float32Array, prediction: ArrayLike<number>): readonly Parts[];
}

/** What of a version explainers are made of. */
export interface NativeModel {
  readonly trainer: string;
  readonly signature: ModelSignature;
  /** The trainer's own format. */
  readonly native: Uint8Array;
  /** JSON of the training report. */
  readonly report: Uint8Array;
}

/**
 * Predictions of the ONNX model are float32, and those of the native model may differ by as much at the parity check. In the units of `scaleOf`: of a
 * probability, of each class's probability, or of a value's scale.
 */
const TOLERANCE = 2e-5;

/**
 * Reads the trainer's own model; once per version is enough.
 * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE` for trainers that keep none which they can be computed from.
 */
export function openExplainer({ trainer, signature, native, report }: NativeModel): Explainer {
  const target = recordedTarget(signature);
  const scale = scaleOf(signature);
  const { method, values } = readParts(trainer, target, textOf(native), textOf(report));
  return {
    method,
    explain(row, prediction) {
      const parts = values.map((of) => of(row));
      const sums = predictionOf(target.task, parts);
      const apart = sums.findIndex((sum, at) => {
        const served = prediction[at] ?? Number.NaN;
        return !(Math.abs(sum - served) <= TOLERANCE * scale(served));
      });
      if (apart < 0) return parts;
      throw unavailable(
        `The contributions add up to the ${whatOf(target, apart)} ${sums[apart]}, and the model that serves says ${prediction[apart]}: they would explain another prediction.`,
      );
    },
  };
}

function whatOf({ task, classes }: Target, at: number): string {
  if (task === 'regression') return 'value';
  return task === 'binary' ? 'probability' : `probability of ${classes?.[at]}`;
}

interface ReadModel {
  readonly method: ShapReport['method'];
  /** For each value of a prediction: the parts of it in a row. */
  readonly values: readonly ((row: Float32Array) => Parts)[];
}

function readParts(trainer: string, target: Target, native: string, report: string): ReadModel {
  switch (trainer) {
    case 'logistic':
    case 'linear':
      return { method: 'linear', values: linearParts(native, report) };
    case 'lightgbm':
      return { method: 'path-dependent', values: readLightgbmText(native, target).map(treeParts) };
    case 'xgboost':
      return { method: 'path-dependent', values: readXgboostJson(native, target).map(treeParts) };
    default:
      throw unavailable(
        `The trainer ${trainer} keeps no model that contributions can be computed from; those of lightgbm, xgboost, logistic and linear do.`,
      );
  }
}

/** Of several classes the trainer keeps one linear model for each. */
function linearParts(native: string, report: string): ReadModel['values'] {
  const found = JSON.parse(native) as LinearModel | { readonly classes: readonly LinearModel[] };
  const { shap } = TrainingReport.parse(JSON.parse(report));
  const models = 'classes' in found ? found.classes : [found];
  const shares = 'classes' in found ? shap?.classes?.map(({ means }) => means) : [shap?.means];
  return models.map((model, at) => {
    const of = shares?.[at];
    if (!of) throw unavailable('The version was trained before its training report kept the mean of each feature.');
    const means = model.terms.map(({ name }) => of[name] ?? 0);
    return (row) => linearContributions(model, means, row);
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function unavailable(message: string): UnderstudyError {
  return new UnderstudyError('CONTRIBUTIONS_UNAVAILABLE', message);
}
