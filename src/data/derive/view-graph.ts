// How views build on tables and on each other: their order, and how far a change of a table reaches.
// Invariant: a plan that was checked has no cycle; one that was not ends in an error here, never in an endless loop.
import { UnderstudyError } from '../../domain/failures';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';

/** The view of a name; undefined: the plan has none. Where a name is a table's, the table is meant. */
export function viewNamed(plan: ModelPlan, name: string): FeatureViewPlan | undefined {
  if (name in plan.tables) return undefined;
  return plan.features.find((view) => view.name === name);
}

/** The views that a view reads itself. */
export function innerViews(plan: ModelPlan, view: FeatureViewPlan): FeatureViewPlan[] {
  return Object.keys(view.reads).flatMap((name) => viewNamed(plan, name) ?? []);
}

/**
 * The views in levels: those of a level read only tables and views of the levels before; within a level in the plan's order.
 * @throws UnderstudyError `DEFINITION_INVALID` on a cycle, with its path.
 */
export function viewLevels(plan: ModelPlan): FeatureViewPlan[][] {
  const levels: FeatureViewPlan[][] = [];
  const depths = new Map<FeatureViewPlan, number>();
  for (const view of plan.features) (levels[depthOf(view, [])] ??= []).push(view);
  return levels;

  function depthOf(view: FeatureViewPlan, path: readonly string[]): number {
    const known = depths.get(view);
    if (known !== undefined) return known;
    if (path.includes(view.name)) {
      const cycle = [...path.slice(path.indexOf(view.name)), view.name].join(' → ');
      throw new UnderstudyError('DEFINITION_INVALID', `feature views read each other in a circle: ${cycle}`, { cycle });
    }
    const inner = innerViews(plan, view).map((each) => depthOf(each, [...path, view.name]));
    const depth = inner.length === 0 ? 0 : Math.max(...inner) + 1;
    depths.set(view, depth);
    return depth;
  }
}

/**
 * For how many days after a partition's own day the features may change when the partition of a table changes: the largest look-back,
 * added up along views that read views. −1: no view reads the table. Of the entity table at least 0.
 */
export function reachOf(plan: ModelPlan, table: string): number {
  const reaches = new Map<FeatureViewPlan, number>();
  for (const view of viewLevels(plan).flat()) {
    const own = view.reads[table] ?? (table === plan.entity.table ? 0 : -1);
    const through = innerViews(plan, view).map((inner) => {
      const reach = reaches.get(inner) ?? -1;
      return reach < 0 ? -1 : reach + view.reads[inner.name]!;
    });
    reaches.set(view, Math.max(own, ...through));
  }
  return Math.max(-1, ...reaches.values());
}
