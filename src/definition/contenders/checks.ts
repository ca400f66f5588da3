// Checks of contenders: options that their trainer does not have, and features that they name.
import { BORROWED, PYTHON_TRAINERS, type ContenderPlan, type TrainerName } from '../../domain/plan/contender-plan';
import { STARTING_TRAINERS } from '../../domain/plan/start-from';
import { threadParameterProblems } from '../../domain/training/thread-params';
import type { ModelPlan } from '../../domain/plan/plan';
import type { Task } from '../../domain/evaluation/task';
import { describeValue, list, type Problem } from '../checks/problems';
import { SHORT_ESTIMATORS, taskFitProblems } from './task-fit';
import { ownTrainerProblems } from './own-checks';
import { tuningProblems } from './tuning-checks';

/** Which trainer has which option; `sklearn` cannot keep rows aside, and its converted estimators know no constraint. */
const OPTIONS: Readonly<Record<string, readonly TrainerName[]>> = {
  earlyStopping: ['lightgbm', 'xgboost', 'function', 'hook'],
  weights: ['lightgbm', 'xgboost', 'sklearn', 'function', 'hook'],
  monotone: ['lightgbm', 'xgboost', 'function'],
  checkpointEvery: ['lightgbm', 'xgboost'],
  tuning: PYTHON_TRAINERS,
  startFrom: STARTING_TRAINERS,
  estimator: ['sklearn'],
  function: ['function'],
  hook: ['hook'],
  job: ['http'],
};

/** Everything that contradicts itself in the contenders of a plan; empty: nothing. */
export function contenderProblems(plan: ModelPlan): Problem[] {
  const entries = Object.entries(plan.contenders);
  if (entries.length === 0)
    return [
      {
        path: 'contenders',
        found: 'none',
        allowed: `at least one, such as baseline: ${plan.task === 'regression' ? 'linear' : 'logistic'}()`,
      },
    ];
  const kinds = Object.fromEntries(plan.features.flatMap((view) => Object.entries(view.features)));
  return entries.flatMap(([name, contender]) => {
    const path = `contenders.${name}`;
    return [
      ...optionProblems(path, contender),
      ...taskFitProblems(path, contender, plan),
      ...trainerProblems(path, contender, plan.task),
      ...ownTrainerProblems(path, contender),
      ...parameterProblems(path, contender),
      ...featureProblems(path, contender, kinds),
      ...stoppingProblems(path, contender, plan.snapshot),
      ...queueProblems(path, contender),
      ...startProblems(path, contender, plan.name),
      ...(name === BORROWED
        ? [{ path, found: `the name "${name}"`, allowed: 'another name: versions of other models have this one' }]
        : []),
      ...(contender.tuning ? tuningProblems(`${path}.tuning`, contender.tuning) : []),
    ];
  });
}

function optionProblems(path: string, contender: ContenderPlan): Problem[] {
  return Object.entries(OPTIONS).flatMap(([option, trainers]) =>
    contender[option as keyof ContenderPlan] === undefined || trainers.includes(contender.trainer)
      ? []
      : [
          {
            path: `${path}.${option}`,
            found: option === 'earlyStopping' ? 'early stopping' : `${option} with the trainer "${contender.trainer}"`,
            allowed: `${option === 'earlyStopping' ? 'early stopping' : option} for the trainers ${quoted(trainers)} only`,
          },
        ],
  );
}

function trainerProblems(path: string, { trainer, estimator, function: named }: ContenderPlan, task: Task): Problem[] {
  const short = SHORT_ESTIMATORS[task].join(', ');
  const kind = task === 'regression' ? 'regressor' : 'classifier';
  if (trainer === 'function' && named === undefined)
    return [{ path: `${path}.function`, found: 'nothing', allowed: 'a module and a function, such as trainer:train' }];
  if (trainer !== 'sklearn') return [];
  if (estimator === undefined)
    return [{ path: `${path}.estimator`, found: 'nothing', allowed: `${short}, or the dotted path of a ${kind}` }];
  const found = describeValue(estimator);
  // Known without Python: its converter does not know any release that this package can install.
  if (/(^|\.)HistGradientBoosting/.test(estimator)) {
    const allowed = `an estimator that can be converted to ONNX: ${short}, or another ${kind}; for gradient boosting by histograms use lightgbm or xgboost`;
    return [{ path: `${path}.estimator`, found, allowed }];
  }
  if (estimator.includes('.') || short.split(', ').includes(estimator)) return [];
  const example = task === 'regression' ? 'sklearn.linear_model.Ridge' : 'sklearn.naive_bayes.GaussianNB';
  const allowed = `${short}, or a dotted path such as "${example}"`;
  return [{ path: `${path}.estimator`, found, allowed }];
}

function parameterProblems(path: string, { trainer, params }: ContenderPlan): Problem[] {
  if (trainer !== 'logistic' && trainer !== 'linear') return [];
  const problems = threadParameterProblems(trainer, params);
  return problems.map(({ name, ...rest }) => ({ path: `${path}.params.${name}`, ...rest }));
}

function featureProblems(
  path: string,
  { weights, monotone }: ContenderPlan,
  kinds: Readonly<Record<string, string>>,
): Problem[] {
  const numbers = Object.keys(kinds).filter((name) => kinds[name] === 'number');
  const allowed = `a feature that is a number: ${list(numbers) || 'there is none'}`;
  const notNumber = (name: string): string | undefined => {
    if (kinds[name] === 'number') return undefined;
    return kinds[name] ? `"${name}", a category` : `"${name}", which is no feature`;
  };
  const problems: Problem[] = [];
  if (weights && weights.classes === undefined && weights.column === undefined)
    problems.push({ path: `${path}.weights`, found: 'neither classes nor column', allowed: 'at least one of them' });
  const column = weights?.column;
  const bad = column === undefined ? undefined : notNumber(column);
  if (bad !== undefined) problems.push({ path: `${path}.weights.column`, found: bad, allowed });
  if (column !== undefined && bad === undefined && Object.keys(kinds).length === 1) {
    const only = {
      found: `"${column}", the only feature`,
      allowed: 'a model with features beside its column of weights',
    };
    problems.push({ path: `${path}.weights.column`, ...only });
  }
  for (const name of Object.keys(monotone ?? {})) {
    const found = name === column ? `"${name}", the column of weights` : notNumber(name);
    if (found !== undefined) problems.push({ path: `${path}.monotone.${name}`, found, allowed });
  }
  return problems;
}

/** Early stopping keeps the newest training days aside; a window of a fixed length has to leave some before them. */
function stoppingProblems(
  path: string,
  { earlyStopping }: ContenderPlan,
  { window, holdoutDays }: ModelPlan['snapshot'],
): Problem[] {
  if (!earlyStopping || window === 'expanding') return [];
  const trained = Number.parseInt(window, 10) - holdoutDays;
  if (earlyStopping.days < trained) return [];
  const allowed = `fewer than the ${trained} days that are trained on (a window of ${window} without a holdout of ${holdoutDays})`;
  return [{ path: `${path}.earlyStopping.days`, found: String(earlyStopping.days), allowed }];
}

/** A search would score folds that the start has seen, so it would choose by rows that are known. */
function startProblems(path: string, { startFrom, tuning }: ContenderPlan, model: string): Problem[] {
  if (!startFrom) return [];
  const problems: Problem[] = [];
  if (tuning) problems.push({ path: `${path}.tuning`, found: 'a search beside startFrom', allowed: 'one of them' });
  if (startFrom.version === 'parent' && startFrom.model !== undefined && startFrom.model !== model) {
    const allowed = `"champion", "previous" or a number with another model; "parent" is the contender's own newest version`;
    problems.push({ path: `${path}.startFrom.version`, found: '"parent"', allowed });
  }
  return problems;
}

function queueProblems(path: string, { queue, resources }: ContenderPlan): Problem[] {
  if (queue === undefined || resources?.queue === undefined || queue === resources.queue) return [];
  const allowed = `the queue once: "${queue}" is in ${path}.queue already`;
  return [{ path: `${path}.resources.queue`, found: describeValue(resources.queue), allowed }];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
