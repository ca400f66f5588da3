// The part of a table's plan that decides how its deliveries are checked: equal contracts judge the same rows the same way.
import type { ModelPlan } from '../plan/plan';

/**
 * What a check depends on, as JSON; its digest names a contract. When the table is available, how long it is waited for and how its rows
 * are fetched are no part of it. For a table that the plan does not have: null.
 */
export function contractOf(plan: ModelPlan, table: string): Readonly<Record<string, unknown>> | null {
  const found = plan.tables[table];
  if (!found) return null;
  const { columns, key, rowRules, partitionRules, extraColumns, assumptions, source } = found;
  const partitionBy = 'partitionBy' in source ? source.partitionBy : undefined;
  return {
    columns,
    key,
    rowRules,
    partitionRules,
    assumptions,
    ...(extraColumns === 'ignore' ? {} : { extraColumns, partitionBy: partitionBy ?? null }),
    ...(partitionRules.period || partitionRules.freshness ? { timeZone: plan.timeZone } : {}),
    ...(partitionRules.labelMirror ? { label: plan.label, entityKey: plan.entity.key } : {}),
  };
}

/**
 * The tables in steps: those of one step need nothing of each other when a day is checked, and each table comes after those whose rows its
 * check reads (references, and the label where a column might mirror it). Tables that need each other share the last step.
 */
export function checkSteps(plan: ModelPlan): string[][] {
  const waiting = new Map(Object.keys(plan.tables).map((table) => [table, readBy(plan, table)]));
  const steps: string[][] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, needs]) => !needs.some((need) => waiting.has(need))).map(([table]) => table);
    const step = ready.length > 0 ? ready : [...waiting.keys()];
    steps.push(step);
    for (const table of step) waiting.delete(table);
  }
  return steps;
}

function readBy(plan: ModelPlan, table: string): string[] {
  const { columns, partitionRules } = plan.tables[table]!;
  const referenced = Object.values(columns).flatMap(({ references }) => (references ? [references.table] : []));
  const label = partitionRules.labelMirror ? [plan.label.table] : [];
  return [...referenced, ...label].filter((other) => other !== table);
}
