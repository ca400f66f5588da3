// What a training hook is given and what it gives: the contract between the product and an author's trainer in TypeScript.
import type { Task } from '../evaluation/task';
import type { ModelColumn } from '../training/training';

/** The rows and settings of one training. */
export interface TrainHookInput {
  readonly rows: number;
  /** Row by row, in the order of `columns`: numbers, and categories as their index in `categories`; NaN is missing. float32, as serving sees them. */
  readonly features: Float32Array;
  /** One a row: 0 or 1; `multiclass`: the index in `classes`; `regression`: the value. */
  readonly labels: Float32Array;
  /** How much each row counts: `label.weight` times the contender's own `weights`; null: every row the same. */
  readonly weights: Float64Array | null;
  /** Days since 1970-01-01, one a row, ascending. */
  readonly days: Int32Array;
  /** 1 for rows of the days that `earlyStopping` keeps aside, else 0; all 0 without it. */
  readonly late: Uint8Array;
  readonly earlyStoppingRounds: number;
  readonly columns: readonly ModelColumn[];
  readonly task: Task;
  /** Names of the classes of a `multiclass` task, by index; empty otherwise. */
  readonly classes: readonly string[];
  /** As the definition says. */
  readonly params: Readonly<Record<string, number | string | boolean>>;
  readonly seed: number;
  readonly threads: number;
  /** `native` of this contender's newest version, to go on from; null for the first. */
  readonly parent: Uint8Array | null;
  /** What people see of the training while it runs. */
  readonly progress: (iteration: number, of: number, message: string) => void;
  /** Whether the training is no longer wanted. A hook that does not ask, or goes on, is ended by force a second later. */
  readonly cancelled: () => boolean;
}

/** A trained model, in two forms that give the same: the graph that serves, and the function that made it. */
export interface HookModel {
  /**
   * An ONNX file: takes `features`, float32 [batch, columns]; gives `label`, int64 [batch], and `probabilities`, float32 [batch, 2], or a column for each
   * class; of a `regression` only `value`, float32 [batch, 1]. `encodeOnnx` writes one.
   */
  readonly onnx: Uint8Array;
  /**
   * The probability of label 1 of each row; `multiclass`: those of all classes, row by row; `regression`: the value. Compared with the graph's on more than
   * 1,000 rows, to 1e-5.
   */
  predict(features: Float32Array, rows: number): ArrayLike<number>;
  /** The model in a form of its own, kept with the version and given to the next training. Default: no bytes. */
  readonly native?: Uint8Array | string;
  /** Default: 1. */
  readonly iterations?: number;
  /** For the report: feature → importance. Default: none. */
  readonly importance?: Readonly<Record<string, number>>;
  /** For report and card: loss by iteration on the training rows, and on those of the days kept aside. Default: none. */
  readonly curve?: readonly { readonly iteration: number; readonly train?: number; readonly valid?: number }[];
  /** Versions of what else had part in it, by name. Default: none. */
  readonly libraries?: Readonly<Record<string, string>>;
}

/**
 * The default export of a trainer's module. It runs in a thread of its own, which ends when the training is no longer wanted: it may compute without a pause.
 * An error ends the contender with MODEL_CODE_FAILED and is not tried again.
 */
export type TrainHook = (training: TrainHookInput) => HookModel | Promise<HookModel>;
