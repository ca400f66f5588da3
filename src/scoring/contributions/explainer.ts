// Which part each feature has in a prediction, from the trainer's own model: the way in for those who have a version's artifacts.
// Invariant: contributions are told only when, with their base, they add up to the log-odds that the ONNX model gives.
import { TrainingReport, type ShapReport } from '../../domain/evaluation/explanation';
import { UnderstudyError } from '../../domain/failures';
import { readLightgbmText } from './lightgbm-text';
import { linearContributions, type LinearModel } from './linear';
import { expectedValue, treeContributions } from './tree-shap';
import { readXgboostJson } from './xgboost-json';

/** The parts of one prediction, in log-odds. */
export interface Parts {
  /** The mean of the training rows. */
  readonly base: number;
  /** One per column of the signature, in its order. */
  readonly contributions: Float64Array;
}

/** Contributions of the predictions of one version. */
export interface Explainer {
  readonly method: ShapReport['method'];
  /**
   * @param row - the encoded row, NaN for missing.
   * @param probability - what the ONNX model says of the row.
   * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE` when the parts do not add up to it.
   */
  explain(row: Float32Array, probability: number): Parts;
}

/** What of a version explainers are made of. */
export interface NativeModel {
  readonly trainer: string;
  /** The trainer's own format. */
  readonly native: Uint8Array;
  /** JSON of the training report. */
  readonly report: Uint8Array;
}

/** Probabilities of the ONNX model are float32, and those of the native model may differ by as much at the parity check. */
const TOLERANCE = 2e-5;

/**
 * Reads the trainer's own model; once per version is enough.
 * @throws UnderstudyError `CONTRIBUTIONS_UNAVAILABLE` for trainers that keep none which they can be computed from.
 */
export function openExplainer({ trainer, native, report }: NativeModel): Explainer {
  const { method, partsOf } = readParts(trainer, textOf(native), textOf(report));
  return {
    method,
    explain(row, probability) {
      const parts = partsOf(row);
      const logOdds = parts.contributions.reduce((sum, part) => sum + part, parts.base);
      const sum = 1 / (1 + Math.exp(-logOdds));
      if (Math.abs(sum - probability) <= TOLERANCE) return parts;
      throw unavailable(
        `The contributions add up to the probability ${sum}, and the model that serves says ${probability}: they would explain another prediction.`,
      );
    },
  };
}

function readParts(
  trainer: string,
  native: string,
  report: string,
): { readonly method: ShapReport['method']; readonly partsOf: (row: Float32Array) => Parts } {
  switch (trainer) {
    case 'logistic': {
      const model = JSON.parse(native) as LinearModel;
      const { shap } = TrainingReport.parse(JSON.parse(report));
      const shares = shap?.means;
      if (!shares)
        throw unavailable('The version was trained before its training report kept the mean of each feature.');
      const means = model.terms.map(({ name }) => shares[name] ?? 0);
      return { method: 'linear', partsOf: (row) => linearContributions(model, means, row) };
    }
    case 'lightgbm': {
      const { trees, factor } = readLightgbmText(native);
      const base = factor * trees.reduce((sum, tree) => sum + expectedValue(tree), 0);
      return {
        method: 'path-dependent',
        partsOf: (row) => ({ base, contributions: treeContributions(trees, row).map((part) => factor * part) }),
      };
    }
    case 'xgboost': {
      const { trees, start } = readXgboostJson(native);
      const base = trees.reduce((sum, tree) => sum + expectedValue(tree), start);
      return { method: 'path-dependent', partsOf: (row) => ({ base, contributions: treeContributions(trees, row) }) };
    }
    default:
      throw unavailable(
        `The trainer ${trainer} keeps no model that contributions can be computed from; those of lightgbm, xgboost and logistic do.`,
      );
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function unavailable(message: string): UnderstudyError {
  return new UnderstudyError('CONTRIBUTIONS_UNAVAILABLE', message);
}
