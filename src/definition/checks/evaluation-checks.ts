// Checks of how a plan judges versions: slices and groups that exist, evidence that can be had, bounds that hold together.
import { LEAST_SWITCH_DAYS } from '../../domain/plan/evaluation-plan';
import type { ModelPlan } from '../../domain/plan/plan';
import { businessProblems } from './business-checks';
import { describeValue, list, type Problem } from './problems';

/** Everything in `evaluation` that contradicts the rest of the plan; empty: nothing. */
export function evaluationProblems(plan: ModelPlan): Problem[] {
  const { evaluation } = plan;
  const problems = [
    ...businessProblems(plan),
    ...evaluation.slices.flatMap((name, index) => categoryProblem(plan, `evaluation.slices[${index}]`, name)),
    ...evaluation.fairness.flatMap(({ column }, index) =>
      categoryProblem(plan, `evaluation.fairness[${index}].column`, column),
    ),
  ];
  if (evaluation.weighted === true && plan.label.weight === undefined) {
    problems.push({
      path: 'evaluation.weighted',
      found: 'true without label.weight',
      allowed: 'false, or a label.weight that says how much a row counts',
    });
  }
  const { minDays } = evaluation.superiority;
  if (minDays < LEAST_SWITCH_DAYS) {
    problems.push({
      path: 'evaluation.superiority.minDays',
      found: String(minDays),
      allowed: `at least ${LEAST_SWITCH_DAYS}: fewer days are no evidence that a contender is better`,
    });
  }
  const seen = new Set<string>();
  for (const [index, { column, metric, threshold }] of evaluation.fairness.entries()) {
    const name = `${column} ${metric} ${threshold}`;
    if (seen.has(name)) {
      const found = `${metric} between groups of ${column} a second time`;
      problems.push({ path: `evaluation.fairness[${index}]`, found, allowed: 'each gap once' });
    }
    seen.add(name);
  }
  const bounds = [
    ...evaluation.gates.map((gate, index) => ({ gate, path: `evaluation.gates[${index}]` })),
    ...(evaluation.production?.gates ?? []).map((gate, index) => ({
      gate,
      path: `evaluation.production.gates[${index}]`,
    })),
  ];
  for (const { gate, path } of bounds) {
    if (gate.min === undefined && gate.max === undefined)
      problems.push({ path, found: 'neither min nor max', allowed: 'at least one of them' });
    if (gate.min !== undefined && gate.max !== undefined && gate.min > gate.max) {
      problems.push({ path: `${path}.min`, found: String(gate.min), allowed: `at most max (${gate.max})` });
    }
  }
  return problems;
}

/** Types of a column whose values are groups. */
const GROUPS: ReadonlySet<string> = new Set(['string', 'category', 'boolean']);

function categoryProblem(plan: ModelPlan, path: string, name: string): Problem[] {
  const kinds = featureKinds(plan);
  if (kinds[name] === 'category') return [];
  const { table, key } = plan.entity;
  const columns = Object.entries(plan.tables[table]?.columns ?? {}).flatMap(([column, { type }]) =>
    column !== key && kinds[column] === undefined && GROUPS.has(type) ? [column] : [],
  );
  if (columns.includes(name)) return [];
  const categories = [...Object.keys(kinds).filter((each) => kinds[each] === 'category'), ...columns];
  return [
    {
      path,
      found: kinds[name] ? `"${name}", a number` : `${describeValue(name)}, which is neither`,
      allowed: `a feature that is a category, or a text, category or boolean of the entity table: ${list(categories) || 'there is none'}`,
    },
  ];
}

/** Features of a plan with their kinds. */
export function featureKinds(plan: ModelPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(plan.features.flatMap((view) => Object.entries(view.features)));
}

/** What is allowed and yet may surprise: one sentence each, for `check`. */
export function evaluationNotes({ contenders, evaluation, snapshot }: ModelPlan): string[] {
  const { minDays } = evaluation.superiority;
  if (Object.keys(contenders).length < 2 || snapshot.holdoutDays >= minDays) return [];
  return [
    `snapshot.holdoutDays is ${snapshot.holdoutDays} and evaluation.superiority.minDays is ${minDays}: ` +
      'a contender can never take over from another one by itself, only by an override',
  ];
}
