// The names of each builder's options, for the message that names a misspelt one. The compiler sees that none is missing.
import type { TrainerName } from '../../domain/plan/contender-plan';
import type {
  LightgbmOptions,
  LinearOptions,
  LogisticOptions,
  SklearnOptions,
  TrainFunctionOptions,
  XgboostOptions,
} from './builders';
import type { HookTrainerOptions, HttpJobOptions } from './own-builders';

type Names<Options> = Readonly<Record<keyof Required<Options>, true>>;

const EVERY = { seed: true, queue: true, resources: true } as const;
const PYTHON = { ...EVERY, weights: true, tuning: true } as const;
const TREES = {
  iterations: true,
  learningRate: true,
  maxDepth: true,
  featureShare: true,
  rowShare: true,
  l2: true,
  params: true,
  earlyStopping: true,
  checkpointEvery: true,
  monotone: true,
  startFrom: true,
  ...PYTHON,
} as const;
const OWN = { params: true, seed: true, resources: true } as const;

const LIGHTGBM: Names<LightgbmOptions> = {
  ...TREES,
  leaves: true,
  minLeafRows: true,
  bagEvery: true,
  categorySmoothing: true,
};
const XGBOOST: Names<XgboostOptions> = { ...TREES, minLeafWeight: true };
const SKLEARN: Names<SklearnOptions> = { estimator: true, params: true, ...PYTHON };
const FUNCTION: Names<TrainFunctionOptions> = {
  ...{ path: true, params: true, ...PYTHON },
  ...{ earlyStopping: true, monotone: true, startFrom: true },
};
const LOGISTIC: Names<LogisticOptions> = { l2: true, maxIterations: true, tolerance: true, ...EVERY, startFrom: true };
const LINEAR: Names<LinearOptions> = { l2: true, ...EVERY };
const HTTP: Names<HttpJobOptions> = {
  ...{ url: true, auth: true, callback: true, pollEvery: true, timeLimit: true },
  ...OWN,
};
const HOOK: Names<HookTrainerOptions> = { module: true, ...OWN, weights: true, earlyStopping: true };

const OPTIONS: Readonly<Record<TrainerName, { readonly builder: string; readonly names: object }>> = {
  lightgbm: { builder: 'lightgbm', names: LIGHTGBM },
  xgboost: { builder: 'xgboost', names: XGBOOST },
  sklearn: { builder: 'sklearn', names: SKLEARN },
  function: { builder: 'trainFunction', names: FUNCTION },
  logistic: { builder: 'logistic', names: LOGISTIC },
  linear: { builder: 'linear', names: LINEAR },
  http: { builder: 'httpJob', names: HTTP },
  hook: { builder: 'hookTrainer', names: HOOK },
};

/** `the options of lightgbm(): seed, …`; nothing for a trainer that does not exist. */
export function optionsOf(trainer: unknown): string | undefined {
  const known = typeof trainer === 'string' && trainer in OPTIONS ? OPTIONS[trainer as TrainerName] : undefined;
  return known && `the options of ${known.builder}(): ${Object.keys(known.names).join(', ')}`;
}
