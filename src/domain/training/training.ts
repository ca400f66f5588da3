// The one contract of all trainers, in any language and on any queue: what they are given and what they must give back.
import { z } from 'zod';
import { ArtifactRef } from '../data/artifacts';
import { StartedFrom } from '../plan/start-from';
import { MonotonePlan, TrainerParams, TRAINERS, WeightsPlan } from '../plan/contender-plan';
import { LabelStatistics, TASKS } from '../evaluation/task';
import { JobSettings } from './training-jobs';

/** One input column of a model. Categories are coded by their index in `categories`; anything else is missing (NaN). */
export const ModelColumn = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('number'), name: z.string() }),
    z.object({ kind: z.literal('category'), name: z.string(), categories: z.array(z.string()) }),
  ])
  .readonly();
export type ModelColumn = z.infer<typeof ModelColumn>;

/** What a model takes: one float32 tensor `features` [rows, columns] made from these columns, NaN for missing; and what it predicts. */
export const ModelSignature = z
  .object({
    columns: z.array(ModelColumn),
    /** Absent: `binary`. */
    task: z.enum(TASKS).optional(),
    /** `multiclass` only. */
    classes: z.array(z.string()).optional(),
    /** The training rows' labels; absent for `binary`. */
    labels: LabelStatistics.optional(),
  })
  .readonly();
export type ModelSignature = z.infer<typeof ModelSignature>;

/** Columns of a matrix beside the features. `__day`: days since 1970-01-01 of the row; `__label`: 0 or 1, the index of the class, or the value. */
export const MATRIX_LABEL = '__label';
export const MATRIX_DAY = '__day';
export const MATRIX_KEY = '__key';
/** Only where the plan has `label.weight`: a number from 0, by which every trainer weights the row. No feature. */
export const MATRIX_WEIGHT = '__weight';
/**
 * Names of the ONNX graph's tensors: float32 [rows, columns] in; out of classes, int64 [rows] (the class, from 0) and float32 [rows, classes];
 * out of a `regression`, float32 [rows, 1] alone.
 */
export const ONNX_INPUT = 'features';
export const ONNX_LABEL = 'label';
export const ONNX_PROBABILITIES = 'probabilities';
export const ONNX_VALUE = 'value';

/** Rows that a parity sample has at least, where the training has so many. */
export const LEAST_PARITY_ROWS = 1_000;

export const TrainRequest = z
  .object({
    model: z.string(),
    contender: z.string(),
    /** The folder of `models/` that functions are imported from. Default: the model's. */
    folder: z.string().optional(),
    trainer: z.enum(TRAINERS),
    /** Absent: `binary`. */
    task: z.enum(TASKS).optional(),
    /** `multiclass` only: names of the classes, in the order of their indices in `__label`. */
    classes: z.array(z.string()).optional(),
    /** `sklearn`: short name or dotted path of the estimator. */
    estimator: z.string().optional(),
    /** `function`: module and function, imported from the model's folder, whose source has to have the digest. */
    function: z.string().optional(),
    functionDigest: z.string().optional(),
    /** `hook`: the file in the model's folder whose default export trains; its source has to have the `functionDigest`. */
    hook: z.string().optional(),
    /** `http`: the job server and how its job is watched. */
    job: JobSettings.optional(),
    params: TrainerParams,
    weights: WeightsPlan.optional(),
    monotone: MonotonePlan.optional(),
    /** What the machine must have; a trainer refuses a training that its machine cannot do. */
    resources: z
      .object({
        cpu: z.number().int().optional(),
        memoryMiB: z.number().int().optional(),
        gpu: z.number().int().optional(),
        image: z.string().optional(),
      })
      .readonly()
      .optional(),
    seed: z.number().int(),
    threads: z.number().int().positive(),
    /** Parquet: `__key` text, `__day` int32, `__label` float (never null), `__weight` float where rows have weights, then one FLOAT column per signature column. Training rows only. */
    matrix: ArtifactRef,
    /** JSON: a ModelSignature. */
    signature: ArtifactRef,
    /** The last days of the training rows are kept for early stopping; 0: none. */
    earlyStoppingDays: z.number().int().nonnegative(),
    earlyStoppingRounds: z.number().int().positive(),
    /** Iterations of a chunk, after which the trainer keeps its state; absent: the trainer's own choice, by the request alone. */
    checkpointEvery: z.number().int().positive().optional(),
    /** The version that this training goes on from, which it has to; its model is `native`. Absent: it starts from nothing. */
    startFrom: StartedFrom.optional(),
    /** ONNX of the parent version of the same contender, for warm starts (a hint: a trainer may ignore it). */
    warmStart: ArtifactRef.optional(),
  })
  .readonly();
export type TrainRequest = z.infer<typeof TrainRequest>;

/** What a running training tells by heartbeat. */
export interface TrainProgress {
  readonly iteration: number;
  readonly of: number;
  readonly message: string;
  /** The newest state that was kept: a later attempt of the same training goes on from it. */
  readonly checkpoint?: ArtifactRef;
}

export const TrainResult = z
  .object({
    onnx: ArtifactRef,
    /** The trainer's own format (LightGBM text, JSON of XGBoost or of weights, a pickle of scikit-learn, what a function gave). */
    native: ArtifactRef,
    /** Parquet of at least 1,000 rows (or all): the signature's columns as FLOAT, and the native model's prediction: `__native`, or `__native_0` … for each class. */
    parity: ArtifactRef,
    /** JSON: curve, parameters as used, and what else the trainer has to say. */
    report: ArtifactRef,
    /** JSON: the EnvironmentLock of src/domain/training/reproduction.ts. Absent: the trainer does not say. */
    environment: ArtifactRef.optional(),
    rows: z.number().int(),
    /** The best iteration: the one that the model was cut at. */
    iterations: z.number().int(),
    seconds: z.number(),
    peakMemoryMiB: z.number(),
    /** Versions by library; also the estimator, and the digest of a function's source. */
    libraries: z.record(z.string(), z.string()),
  })
  .readonly();
export type TrainResult = z.infer<typeof TrainResult>;

/** What a trainer says about contenders before any training: the author's mistakes, and what it could not look at. */
export const ContenderFindings = z
  .object({
    problems: z.array(z.object({ contender: z.string(), message: z.string() })),
    unchecked: z.array(z.object({ contender: z.string(), reason: z.string() })),
  })
  .readonly();
export type ContenderFindings = z.infer<typeof ContenderFindings>;
