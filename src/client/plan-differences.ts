// What a deployment would change: the fields of two plans, side by side.
import type { ModelPlan } from '../domain/plan/plan';

/** One field that two plans do not share. Values are JSON texts; null: the plan does not have the field. */
export interface PlanDifference {
  readonly path: string;
  readonly change: 'new' | 'changed' | 'removed';
  readonly before: string | null;
  readonly after: string | null;
}

/** The differences of two plans by field, and how many fields are the same. With no plan before, every field is new. */
export function planDifferences(
  before: ModelPlan | null,
  after: ModelPlan,
): { readonly differences: PlanDifference[]; readonly unchanged: number } {
  const old = before ? leaves(before) : new Map<string, string>();
  const now = leaves(after);
  const differences: PlanDifference[] = [];
  let unchanged = 0;
  for (const [path, value] of now) {
    const previous = old.get(path) ?? null;
    if (previous === value) unchanged++;
    else differences.push({ path, change: previous === null ? 'new' : 'changed', before: previous, after: value });
  }
  for (const [path, value] of old) {
    if (!now.has(path)) differences.push({ path, change: 'removed', before: value, after: null });
  }
  return { differences, unchanged };
}

/** Every value of a plan by its path. Views are known by their name, so that one more view does not change all that follow it. */
function leaves(plan: ModelPlan): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      found.set(path, JSON.stringify(value));
      return;
    }
    for (const [name, inner] of Object.entries(value)) visit(path === '' ? name : `${path}.${name}`, inner);
  };
  const features = Object.fromEntries(
    plan.features.map(({ name, ...view }) => [name, { ...view, features: Object.entries(view.features) }]),
  );
  visit('', { ...plan, features });
  return found;
}
