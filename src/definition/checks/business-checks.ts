// Checks of the business metric of evaluations: gates that bound something, and bounds that hold together.
import type { ModelPlan } from '../../domain/plan/plan';
import type { Problem } from './problems';

/** Everything in `evaluation.businessMetric` that contradicts itself; empty: nothing. */
export function businessProblems({ evaluation: { businessMetric } }: ModelPlan): Problem[] {
  return (businessMetric?.gates ?? []).flatMap(({ on, min, max, maxWorse }, index, all): Problem[] => {
    const path = `evaluation.businessMetric.gates[${index}]`;
    const problems: Problem[] = [];
    if (min === undefined && max === undefined && maxWorse === undefined)
      problems.push({ path, found: 'none of min, max and maxWorse', allowed: 'at least one of them' });
    if (min !== undefined && max !== undefined && min > max)
      problems.push({ path: `${path}.min`, found: String(min), allowed: `at most max (${max})` });
    if (all.findIndex((other) => other.on === on) !== index)
      problems.push({ path: `${path}.on`, found: `"${on}" a second time`, allowed: 'each set of rows once' });
    return problems;
  });
}
