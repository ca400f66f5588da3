// One fit per task behind one shape: what the training thread stores, converts and reports, whichever model it is.
import type { ShapReport } from '../../domain/evaluation/explanation';
import { widthOf, type Target } from '../../domain/evaluation/task';
import { UnderstudyError } from '../../domain/failures';
import { columnsDiffer } from '../../domain/plan/start-from';
import type { ModelSignature, TrainRequest } from '../../domain/training/training';
import { linearShapReport, softmaxShapReport } from '../../scoring/contributions/linear';
import { modelOf, weightsFrom, type Design } from '../design';
import { fitLogistic } from '../logistic';
import { importanceOf, predictLogistic, type LogisticModel } from '../logistic-model';
import { linearParams, logisticParams } from '../logistic-params';
import type { TrainingMatrix } from '../matrix-file';
import { logisticFromOnnx, logisticToOnnx } from '../onnx-logistic';
import { linearToOnnx, softmaxToOnnx } from './onnx-models';
import { predictLinear, predictSoftmax } from './predict';
import { fitRidge } from './ridge';
import { fitSoftmax } from './softmax';

/** What a fit is done with. */
export interface FitInput {
  readonly target: Target;
  readonly signature: ModelSignature;
  readonly matrix: TrainingMatrix;
  readonly design: Design;
  readonly params: TrainRequest['params'];
  /** Bytes of the parent's model; undefined: none. */
  readonly parent: Uint8Array | undefined;
  /** The version that the fit has to go on from; absent: the parent is a hint, which may be of another trainer. */
  readonly startFrom?: TrainRequest['startFrom'];
  readonly onIteration: (iteration: number, of: number, message: string) => void;
}

/** A fitted model in its own form and in ONNX, and what its report says. */
export interface LinearFit {
  readonly native: unknown;
  readonly onnx: Uint8Array;
  /** Rows × width of the target. */
  readonly predict: (matrix: Float32Array, rows: number) => Float64Array;
  readonly parameters: object;
  readonly weights: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** The training loss at the start and after each step: log loss; RMSE of a regression. */
  readonly curve: readonly number[];
  readonly importance: Readonly<Record<string, number>>;
  readonly shap: ShapReport;
  readonly warmStart: string;
}

/** Iterations at most, for the progress: of the parameters as they are asked for. */
export function mostIterations({ task }: Target, params: TrainRequest['params']): number {
  return task === 'regression' ? 1 : logisticParams(params).maxIterations;
}

/**
 * Fits the model of the target's task.
 * @throws UnderstudyError `TRAINING_FAILED` for parameters that the trainer does not have; `START_REFUSED` where it has to go on from a version whose
 * graph carries no model of these columns.
 */
export function fitLinear(input: FitInput): LinearFit {
  switch (input.target.task) {
    case 'binary':
      return fitBinary(input);
    case 'multiclass':
      return fitClasses(input);
    case 'regression':
      return fitValues(input);
  }
}

function fitBinary(input: FitInput): LinearFit {
  const { signature, matrix, design, params: asked, onIteration } = input;
  const params = logisticParams(asked);
  const earlier = earlierModel(input);
  const start = earlier && weightsFrom(earlier, design, signature);
  const fit = fitLogistic(
    design,
    matrix.labels,
    params,
    start,
    told(params.maxIterations, onIteration),
    matrix.weights,
  );
  const model = modelOf(fit.weights, design, signature);
  return {
    native: model,
    onnx: logisticToOnnx(model),
    predict: (rows, count) => predictLogistic(model, rows, count),
    parameters: params,
    weights: fit.weights.length,
    ...{ iterations: fit.iterations, converged: fit.converged, curve: fit.curve },
    importance: importanceOf(model, signature, matrix.features),
    shap: linearShapReport(model, matrix.features),
    warmStart: earlier ? "started from the parent version's weights" : 'none',
  };
}

/** The parent's model; undefined where there is none to go on from. */
function earlierModel({ parent, startFrom, signature }: FitInput): LogisticModel | undefined {
  const earlier = parent && logisticFromOnnx(parent);
  if (!startFrom) return earlier;
  const start = `startFrom: found: ${startFrom.model}@${startFrom.version}`;
  if (!earlier)
    throw new UnderstudyError(
      'START_REFUSED',
      `${start}, whose graph is gone or carries no model of this trainer; allowed is a version of this trainer.`,
    );
  const difference = columnsDiffer(earlier.terms, signature.columns);
  if (difference === null) return earlier;
  throw new UnderstudyError('START_REFUSED', `${start}: ${difference}; allowed is a version of the same columns.`);
}

function fitClasses({ target, signature, matrix, design, params: asked, onIteration }: FitInput): LinearFit {
  const params = logisticParams(asked);
  const fit = fitSoftmax(
    design,
    matrix.labels,
    widthOf(target),
    params,
    told(params.maxIterations, onIteration),
    matrix.weights,
  );
  const models = fit.weights.map((weights) => modelOf(weights, design, signature));
  return {
    native: { classes: models },
    onnx: softmaxToOnnx(models),
    predict: (rows, count) => predictSoftmax(models, rows, count),
    parameters: params,
    weights: fit.weights.reduce((sum, { length }) => sum + length, 0),
    ...{ iterations: fit.iterations, converged: fit.converged, curve: fit.curve },
    importance: meanImportance(models, signature, matrix.features),
    shap: softmaxShapReport(models, target.classes ?? [], matrix.features),
    warmStart: 'none: the weights of several classes always start from the shares of the classes',
  };
}

function fitValues({ signature, matrix, design, params: asked, onIteration }: FitInput): LinearFit {
  const params = linearParams(asked);
  const weights = fitRidge(design, matrix.labels, params, matrix.weights);
  const model = modelOf(weights, design, signature);
  const { labels, rows } = matrix;
  const mean = labels.reduce((sum, label) => sum + label, 0) / rows;
  const fitted = predictLinear(model, matrix.features, rows);
  const curve = [rmse(labels, () => mean), rmse(labels, (row) => fitted[row]!)];
  onIteration(1, 1, `RMSE ${curve[1]!.toPrecision(5)} on the training rows`);
  return {
    native: model,
    onnx: linearToOnnx(model),
    predict: (sample, count) => predictLinear(model, sample, count),
    parameters: params,
    weights: weights.length,
    ...{ iterations: 1, converged: true, curve },
    importance: importanceOf(model, signature, matrix.features),
    shap: linearShapReport(model, matrix.features),
    warmStart: 'none: the fit is one exact step',
  };
}

function told(of: number, onIteration: FitInput['onIteration']): (iteration: number, logLoss: number) => void {
  return (iteration, logLoss) => onIteration(iteration, of, `log loss ${logLoss.toFixed(5)} on the training rows`);
}

function meanImportance(
  models: readonly LogisticModel[],
  signature: ModelSignature,
  features: Float32Array,
): Record<string, number> {
  const each = models.map((model) => importanceOf(model, signature, features));
  return Object.fromEntries(
    signature.columns.map(({ name }) => [name, each.reduce((sum, of) => sum + of[name]!, 0) / models.length]),
  );
}

function rmse(labels: Float32Array, predicted: (row: number) => number): number {
  return Math.sqrt(labels.reduce((sum, label, row) => sum + (label - predicted(row)) ** 2, 0) / labels.length);
}
