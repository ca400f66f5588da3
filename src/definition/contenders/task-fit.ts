// Which trainers, options and metrics fit which task.
import type { ContenderPlan, TrainerName } from '../../domain/plan/contender-plan';
import type { ModelPlan } from '../../domain/plan/plan';
import type { Task } from '../../domain/evaluation/task';
import { tuningMetricsOf } from '../../domain/plan/tuning-plan';
import { describeValue, type Problem } from '../checks/problems';

/** Trainers that are for some tasks only; all others are for all. */
const TRAINERS_OF_TASKS: Partial<Readonly<Record<TrainerName, readonly Task[]>>> = {
  logistic: ['binary', 'multiclass'],
  linear: ['regression'],
};

/** Short names of the trainer `sklearn`, by task. */
export const SHORT_ESTIMATORS: Readonly<Record<Task, readonly string[]>> = {
  binary: ['logistic', 'random-forest', 'gradient-boosting'],
  multiclass: ['logistic', 'random-forest', 'gradient-boosting'],
  regression: ['linear', 'random-forest', 'gradient-boosting'],
};

/** Everything in a contender that does not fit the plan's task; empty: nothing. */
export function taskFitProblems(path: string, contender: ContenderPlan, plan: ModelPlan): Problem[] {
  const { task } = plan;
  const { trainer, weights, monotone, tuning } = contender;
  const problems: Problem[] = [];
  const tasks = TRAINERS_OF_TASKS[trainer];
  if (tasks && !tasks.includes(task)) {
    const instead = task === 'regression' ? 'linear' : 'logistic';
    const found = `"${trainer}" with the task "${task}"`;
    problems.push({ path: `${path}.trainer`, found, allowed: `"${instead}" or a trainer of trees` });
  }
  if (monotone && Object.keys(monotone).length > 0 && task === 'multiclass') {
    const found = 'monotone with the task "multiclass"';
    problems.push({
      path: `${path}.monotone`,
      found,
      allowed: 'monotone with one prediction a row: binary, regression',
    });
  }
  if (weights?.classes !== undefined)
    problems.push(...classWeightProblems(`${path}.weights.classes`, weights.classes, plan));
  if (tuning && !tuningMetricsOf(task).includes(tuning.metric)) {
    const found = `"${tuning.metric}" with the task "${task}"`;
    problems.push({ path: `${path}.tuning.metric`, found, allowed: tuningMetricsOf(task).join(', ') });
  }
  return problems;
}

function classWeightProblems(
  path: string,
  weights: 'balanced' | Readonly<Record<string, number>>,
  { task, label }: ModelPlan,
): Problem[] {
  if (task === 'regression') {
    const allowed = 'weights.column only: a regression has no classes';
    return [{ path, found: `${describeValue(weights)} with the task "regression"`, allowed }];
  }
  if (weights === 'balanced') return [];
  const names = task === 'binary' ? ['negative', 'positive'] : (label.classes ?? []);
  const given = Object.keys(weights);
  if (given.length === names.length && names.every((name) => given.includes(name))) return [];
  return [{ path, found: describeValue(weights), allowed: `"balanced", or a weight for each of ${names.join(', ')}` }];
}
