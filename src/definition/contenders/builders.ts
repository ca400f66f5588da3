// Typed builders for contenders, one per trainer, so that an editor shows each option with its unit and default.
// Invariant: an option that a builder does not know stays in what it gives, so that the check of the definition names it.
import type { z } from 'zod';
import type { ContenderPlan, MonotonePlan, ResourcesPlan, WeightsPlan } from '../../domain/plan/contender-plan';
import type { StartPlan } from '../../domain/plan/start-from';
import type { TuningPlan } from '../../domain/plan/tuning-plan';
import { given } from '../given';

type ContenderInput = z.input<typeof ContenderPlan>;

/** Options of every contender. */
interface ContenderOptions {
  /** Seed of everything random in the training: a whole number from 0. Default: 1. */
  readonly seed?: number;
  /** Task queue of the machine that trains. Default: the trainer's own. */
  readonly queue?: string;
  /** What the training needs: `queue`, `cpu` (cores), `memory` (such as `8 GiB`), `gpu` (devices), `image`. Default: whatever its machine has. */
  readonly resources?: z.input<typeof ResourcesPlan>;
}

/** Options of every contender that the Python worker trains. */
interface PythonOptions extends ContenderOptions {
  /** How much a row counts: by its class (`balanced`, or a weight for each), by a column, or both. Default: all rows the same. */
  readonly weights?: z.input<typeof WeightsPlan>;
  /**
   * Search for parameters before each training: `space` (the trainer's own name of a parameter → `{ low, high, log?, step? }` or
   * `{ choices }`), `trials` (20), `timeLimit`, `parallel` (1), `folds` (3), `foldDays`, `metric` (`log_loss`; of a `regression` `rmse`), `randomTrials` (10), `pruneAfter`.
   * Default: none; the parameters are as written.
   */
  readonly tuning?: TuningInput;
}

/** What is tried of one parameter: a range, with a step of whole numbers where they have to be whole, or a list. */
export type DimensionInput =
  | { readonly low: number; readonly high: number; readonly log?: boolean; readonly step?: number }
  | { readonly choices: readonly (number | string | boolean)[] };

/** A search for parameters; docs/trainers.md says how it is done. */
export type TuningInput = Omit<z.input<typeof TuningPlan>, 'space'> & {
  readonly space: Readonly<Record<string, DimensionInput>>;
};

interface StartOption {
  /**
   * The version that each training goes on from: `version` is a number, `champion`, `previous`, or `parent` (this contender's newest version);
   * `model`: another model's. Default: none.
   */
  readonly startFrom?: z.input<typeof StartPlan>;
}

interface EarlyStoppingOption {
  /** Keep the last `days` of the training days aside, and stop after `rounds` iterations without a better loss on them (log loss; of a `regression` the RMSE). Default: none. */
  readonly earlyStopping?: { readonly days: number; readonly rounds: number };
}

interface CheckpointOption {
  /**
   * Trees after which the state of a training is kept, so that one whose worker dies goes on from there: a whole number from 1. It is part of what
   * the trees depend on where rows or features are sampled. Default: a fortieth of `iterations`, at least 25.
   */
  readonly checkpointEvery?: number;
}

interface MonotoneOption {
  /** Feature → 1: the prediction may only rise with it, -1: only fall. Default: none. */
  readonly monotone?: z.input<typeof MonotonePlan>;
}

type Params = Readonly<Record<string, number | string | boolean>>;

/** Gradient-boosted trees, trained by the Python worker. What is not set here keeps LightGBM's own default. */
export interface LightgbmOptions
  extends PythonOptions, EarlyStoppingOption, CheckpointOption, MonotoneOption, StartOption {
  /** Number of trees, at most (early stopping may end before). Default: 100. */
  readonly iterations?: number;
  /** Share of each tree's correction that is added, from above 0 to 1. Default: 0.1. */
  readonly learningRate?: number;
  /** Leaves of a tree, at most. Default: 31. */
  readonly leaves?: number;
  /** Depth of a tree, at most; -1: no limit. Default: -1. */
  readonly maxDepth?: number;
  /** Rows in a leaf, at least. Default: 20. */
  readonly minLeafRows?: number;
  /** Share of the features that each tree may use, from above 0 to 1. Default: 1. */
  readonly featureShare?: number;
  /** Share of the rows that each tree is trained on, from above 0 to 1; below 1 needs `bagEvery`. Default: 1. */
  readonly rowShare?: number;
  /** Draw new rows for `rowShare` every so many trees; 0: never. Default: 0. */
  readonly bagEvery?: number;
  /** L2 penalty on leaf values, from 0. Default: 0. */
  readonly l2?: number;
  /** Smoothing of categories with few rows, from 0. Default: 10. */
  readonly categorySmoothing?: number;
  /** Any other parameter by LightGBM's own name; the trainer refuses unknown ones. */
  readonly params?: Params;
}

/** A contender of gradient-boosted trees with native categories (trainer `lightgbm`). */
export function lightgbm(options: LightgbmOptions = {}): ContenderInput {
  const { iterations, learningRate, leaves, maxDepth, minLeafRows, featureShare, rowShare, bagEvery, l2, ...more } =
    options;
  const { categorySmoothing, params, ...rest } = more;
  const named = {
    num_iterations: iterations,
    learning_rate: learningRate,
    num_leaves: leaves,
    max_depth: maxDepth,
    min_data_in_leaf: minLeafRows,
    feature_fraction: featureShare,
    bagging_fraction: rowShare,
    bagging_freq: bagEvery,
    lambda_l2: l2,
    cat_smooth: categorySmoothing,
  };
  return { trainer: 'lightgbm', ...given({ ...rest }), params: { ...given(named), ...params } };
}

/** XGBoost's histogram trees, trained by the Python worker. What is not set here keeps XGBoost's own default. */
export interface XgboostOptions
  extends PythonOptions, EarlyStoppingOption, CheckpointOption, MonotoneOption, StartOption {
  /** Number of trees, at most (early stopping may end before). Default: 100. */
  readonly iterations?: number;
  /** Share of each tree's correction that is added, from above 0 to 1. Default: 0.3. */
  readonly learningRate?: number;
  /** Depth of a tree, at most; 0: no limit. Default: 6. */
  readonly maxDepth?: number;
  /** Sum of the rows' second derivatives in a leaf, at least. Default: 1. */
  readonly minLeafWeight?: number;
  /** Share of the features that each tree may use, from above 0 to 1. Default: 1. */
  readonly featureShare?: number;
  /** Share of the rows that each tree is trained on, from above 0 to 1. Default: 1. */
  readonly rowShare?: number;
  /** L2 penalty on leaf values, from 0. Default: 1. */
  readonly l2?: number;
  /** Any other parameter by XGBoost's own name; the trainer refuses unknown ones. */
  readonly params?: Params;
}

/** A contender of XGBoost's trees with native categories (trainer `xgboost`); its library is installed when a definition first asks for it. */
export function xgboost(options: XgboostOptions = {}): ContenderInput {
  const { iterations, learningRate, maxDepth, minLeafWeight, featureShare, rowShare, l2, params, ...rest } = options;
  const named = {
    num_boost_round: iterations,
    learning_rate: learningRate,
    max_depth: maxDepth,
    min_child_weight: minLeafWeight,
    colsample_bytree: featureShare,
    subsample: rowShare,
    reg_lambda: l2,
  };
  return { trainer: 'xgboost', ...given({ ...rest }), params: { ...given(named), ...params } };
}

/** An estimator of scikit-learn, trained by the Python worker: a classifier, or a regressor for a `regression`. */
export interface SklearnOptions extends PythonOptions {
  /**
   * `logistic` (of a `regression`: `linear`), `random-forest`, `gradient-boosting`, or the dotted path of any classifier with probabilities, or
   * regressor, that skl2onnx converts, such as `sklearn.naive_bayes.GaussianNB`; `check` refuses one that cannot be converted.
   */
  readonly estimator: string;
  /** The estimator's own parameters by their names; `'none'` stands for None. Default: scikit-learn's, with 1,000 steps at most for `logistic`. */
  readonly params?: Params;
}

/**
 * A contender of a scikit-learn classifier (trainer `sklearn`): numbers get the median where they are missing, and are scaled unless the
 * estimator is made of trees; categories become one column each. Its libraries are installed when a definition first asks for them.
 */
export function sklearn({ estimator, ...rest }: SklearnOptions): ContenderInput {
  return { trainer: 'sklearn', estimator, ...given({ ...rest }) };
}

/** A function of the author's own in Python; docs/trainers.md says what it is given and what it gives back. */
export interface TrainFunctionOptions extends PythonOptions, EarlyStoppingOption, MonotoneOption, StartOption {
  /** Module and function in the model's folder, such as `trainer:train` or `my_package.my_module:train`. */
  readonly path: string;
  /** Handed to the function as they are. Default: none. */
  readonly params?: Params;
}

/** A contender that is trained by a Python function in the model's folder (trainer `function`). */
export function trainFunction({ path, ...rest }: TrainFunctionOptions): ContenderInput {
  return { trainer: 'function', function: path, ...given({ ...rest }) };
}

/** A penalised logistic regression (of several classes: softmax), trained in TypeScript in a worker thread: an honest, fast baseline. */
export interface LogisticOptions extends ContenderOptions, StartOption {
  /** Penalty: half of this times the sum of squared weights is added to the sum of log losses; above 0. Default: 1. */
  readonly l2?: number;
  /** Newton steps, at most; from 1 to 1000. Default: 50. */
  readonly maxIterations?: number;
  /** Stop when the next step can lower the loss per row by no more than about this; above 0 and below 1. Default: 1e-10. */
  readonly tolerance?: number;
}

/** A contender of penalised logistic regression (trainer `logistic`), for classes. */
export function logistic({ l2, maxIterations, tolerance, ...rest }: LogisticOptions = {}): ContenderInput {
  return { trainer: 'logistic', ...given({ ...rest }), params: given({ l2, maxIterations, tolerance }) };
}

/** A penalised linear regression (ridge), trained in TypeScript in a worker thread: the baseline of a `regression`. */
export interface LinearOptions extends ContenderOptions {
  /** Penalty: half of this times the sum of squared weights is added to half the sum of squared errors; above 0. Default: 1. */
  readonly l2?: number;
}

/** A contender of penalised linear regression (trainer `linear`), for numbers. */
export function linear({ l2, ...rest }: LinearOptions = {}): ContenderInput {
  return { trainer: 'linear', ...given({ ...rest }), params: given({ l2 }) };
}
