// What follows from a plan's task: its classes, and what of the other parts it has. Which contenders fit is in contenders/task-fit.ts.
import { parseMetric, type Task } from '../../domain/evaluation/metrics';
import { USUAL_PRIMARY } from '../../domain/plan/evaluation-plan';
import type { ModelPlan } from '../../domain/plan/plan';
import { LEAST_CLASSES } from '../../domain/evaluation/task';
import { describeValue, type Problem } from './problems';

/** Everything in a plan that contradicts its task, contenders aside; empty: nothing. */
export function taskProblems(plan: ModelPlan): Problem[] {
  return [...classProblems(plan), ...metricProblems(plan), ...fairnessProblems(plan)];
}

/**
 * What an author wrote, with the defaults that depend on the task filled in: what ranks versions and what trials are judged by. Leaves anything
 * that is no definition as it is: its shape is judged afterwards.
 */
export function withTaskDefaults<T>(input: T): T {
  const written = input as { task?: unknown; evaluation?: unknown; contenders?: unknown } | null | undefined;
  if (written?.task !== 'regression') return input;
  const primary = USUAL_PRIMARY.regression;
  const evaluation = written.evaluation === undefined ? { primary } : withField(written.evaluation, 'primary', primary);
  const contenders = isRecord(written.contenders)
    ? Object.fromEntries(
        Object.entries(written.contenders).map(([name, contender]) => [name, withTuningMetric(contender, primary)]),
      )
    : written.contenders;
  return { ...written, evaluation, ...(contenders === undefined ? {} : { contenders }) } as T;
}

function withTuningMetric(contender: unknown, metric: string): unknown {
  if (!isRecord(contender) || contender['tuning'] === undefined) return contender;
  return { ...contender, tuning: withField(contender['tuning'], 'metric', metric) };
}

function withField(value: unknown, name: string, usual: unknown): unknown {
  return isRecord(value) && value[name] === undefined ? { ...value, [name]: usual } : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function classProblems({ task, label: { classes } }: ModelPlan): Problem[] {
  const path = 'label.classes';
  if (task !== 'multiclass') {
    if (classes === undefined) return [];
    const found = `${describeValue(classes)} with the task "${task}"`;
    return [{ path, found, allowed: 'classes with the task "multiclass" only' }];
  }
  if (classes === undefined) {
    const allowed = `at least ${LEAST_CLASSES} names, such as ['low', 'middle', 'high'], with the task "multiclass"`;
    return [{ path, found: 'nothing', allowed }];
  }
  const twice = classes.find((name, index) => classes.indexOf(name) !== index);
  return twice === undefined ? [] : [{ path, found: `${describeValue(twice)} twice`, allowed: 'each class once' }];
}

function metricProblems({ task, evaluation }: ModelPlan): Problem[] {
  return [
    ...metricProblem('evaluation.primary', task, evaluation.primary),
    ...evaluation.gates.flatMap(({ metric }, index) =>
      metricProblem(`evaluation.gates[${index}].metric`, task, metric),
    ),
    ...(evaluation.production?.gates ?? []).flatMap(({ metric }, index) =>
      metricProblem(`evaluation.production.gates[${index}].metric`, task, metric),
    ),
  ];
}

function metricProblem(path: string, task: Task, name: string): Problem[] {
  const parsed = parseMetric(task, name);
  if (parsed.ok) return [];
  const [found = parsed.problem, allowed = 'a metric of the task'] = parsed.problem.split('; allowed: ');
  return [{ path, found, allowed }];
}

function fairnessProblems({ task, evaluation }: ModelPlan): Problem[] {
  if (task === 'binary' || evaluation.fairness.length === 0) return [];
  const found = `${evaluation.fairness.length} with the task "${task}"`;
  return [{ path: 'evaluation.fairness', found, allowed: 'gaps between groups with the task "binary" only' }];
}
