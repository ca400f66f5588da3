// Checks of the feature views of a plan: their names, what they read (tables and each other), and their features.
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import { list, type Problem } from './problems';

/** What every bound table and view has besides its own columns. */
const BOUND_COLUMNS = ['partition_day', 'available_at'];

/** Everything that contradicts itself in the feature views; empty: nothing. */
export function viewProblems(plan: ModelPlan): Problem[] {
  return [...nameProblems(plan), ...readsProblems(plan), ...featureProblems(plan), ...cycleProblems(plan)];
}

function nameProblems(plan: ModelPlan): Problem[] {
  const seen = new Set<string>();
  return plan.features.flatMap(({ name }, index) => {
    const path = `features[${index}].name`;
    const problems: Problem[] = [];
    if (seen.has(name))
      problems.push({ path, found: `"${name}" a second time`, allowed: 'a name that no other view has' });
    // SQL and reads would not tell them apart.
    if (name in plan.tables)
      problems.push({ path, found: `"${name}", which is a table too`, allowed: 'a name that no table has' });
    seen.add(name);
    return problems;
  });
}

function readsProblems(plan: ModelPlan): Problem[] {
  const tables = Object.keys(plan.tables);
  return plan.features.flatMap((view, index) => {
    const path = `features[${index}].reads`;
    const others = plan.features.map(({ name }) => name).filter((name) => name !== view.name);
    if (Object.keys(view.reads).length === 0) {
      return [{ path, found: 'no table', allowed: `at least one of ${list(tables)}, with its look-back in days` }];
    }
    return Object.keys(view.reads)
      .filter((name) => name !== view.name && !tables.includes(name) && !others.includes(name))
      .map((name) => ({
        path: `${path}.${name}`,
        found: `table "${name}"`,
        allowed: `a declared table: ${list(tables)}; or another view: ${list(others) || 'there is none'}`,
      }));
  });
}

function featureProblems(plan: ModelPlan): Problem[] {
  const problems: Problem[] = [];
  const ownerOf = new Map<string, string>();
  for (const [index, view] of plan.features.entries()) {
    const path = `features[${index}].features`;
    if (Object.keys(view.features).length === 0)
      problems.push({ path, found: 'no feature', allowed: 'at least one, as name: "number" or "category"' });
    for (const feature of Object.keys(view.features)) {
      const owner = ownerOf.get(feature);
      const where = `${path}.${feature}`;
      if (owner)
        problems.push({
          path: where,
          found: `a feature that view "${owner}" has too`,
          allowed: 'names that are unique over all views',
        });
      if (feature === plan.entity.key)
        problems.push({
          path: where,
          found: "the entity's key",
          allowed: 'features only; the key is added to each view',
        });
      if (BOUND_COLUMNS.includes(feature))
        problems.push({
          path: where,
          found: 'a column that every bound view has',
          allowed: `names other than ${list(BOUND_COLUMNS)}`,
        });
      ownerOf.set(feature, view.name);
    }
  }
  return problems;
}

/** Each circle once, at its first view. */
function cycleProblems(plan: ModelPlan): Problem[] {
  const problems: Problem[] = [];
  const done = new Set<string>();
  const visit = (view: FeatureViewPlan, path: readonly string[]): void => {
    const start = path.indexOf(view.name);
    if (start >= 0) {
      const circle = [...path.slice(start), view.name];
      const index = plan.features.findIndex(({ name }) => name === view.name);
      problems.push({
        path: `features[${index}].reads.${circle[1]}`,
        found: `a circle: ${circle.join(' → ')}`,
        allowed: 'views that do not read themselves, also not through other views',
      });
      return;
    }
    if (done.has(view.name)) return;
    for (const name of Object.keys(view.reads)) {
      const inner = name in plan.tables ? undefined : plan.features.find((each) => each.name === name);
      if (inner) visit(inner, [...path, view.name]);
    }
    done.add(view.name);
  };
  for (const view of plan.features) visit(view, []);
  return problems;
}
