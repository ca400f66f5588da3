// What models that share data have to have in common, and what a file that exports several models may export.
import type { ModelPlan } from '../../domain/plan/plan';
import { canonicalJson } from '../digest';
import { describeValue, list, type Problem } from '../checks/problems';

/** What makes a plan that reads another model's tables another one than the owner's. Empty: nothing. */
export function sharingProblems(plan: ModelPlan, owner: ModelPlan): Problem[] {
  const problems: Problem[] = [];
  if (plan.timeZone !== owner.timeZone)
    problems.push({
      path: 'timeZone',
      found: describeValue(plan.timeZone),
      allowed: `${describeValue(owner.timeZone)}, the time zone of ${owner.name}, whose data these are`,
    });
  for (const [name, table] of Object.entries(plan.tables)) {
    const theirs = owner.tables[name];
    if (theirs && canonicalJson(theirs) === canonicalJson(table)) continue;
    problems.push({
      path: `tables.${name}`,
      found: theirs ? 'another contract' : 'a table that the owner does not have',
      allowed: `the tables of ${owner.name} as they are there, because dataOf shares its partitions: ${list(Object.keys(owner.tables))}`,
    });
  }
  return problems;
}

/** What is wrong with a list of definitions that the file of a folder exports. Empty: nothing. */
export function listProblems(folder: string, exported: readonly unknown[]): Problem[] {
  const seen = new Set<string>();
  const problems = exported.flatMap((each, index): Problem[] => {
    const name = (each as { plan?: { name?: unknown } } | null | undefined)?.plan?.name;
    const path = `default[${index}]`;
    if (typeof name !== 'string')
      return [{ path, found: describeValue(each), allowed: 'a definition, as variants(…) and defineModel(…) give it' }];
    const allowed = `"${folder}" or "${folder}-<variant>", each once`;
    const fits = (name === folder || name.startsWith(`${folder}-`)) && !seen.has(name);
    seen.add(name);
    return fits ? [] : [{ path: `${path}.name`, found: `"${name}"`, allowed }];
  });
  if (exported.length > 0) return problems;
  return [{ path: 'default', found: 'an empty list', allowed: 'at least one definition' }];
}

/** Tables that cannot be shared: pushed rows belong to the model that they are sent to. */
export function pushedProblems({ name, dataOf, tables }: ModelPlan): Problem[] {
  if (dataOf === undefined || dataOf === name) return [];
  return Object.entries(tables).flatMap(([table, { source }]) =>
    source.format === 'push'
      ? [
          {
            path: `tables.${table}`,
            found: 'a table of pushed rows beside dataOf',
            allowed: 'tables that are read from a source; pushed rows belong to the one model that they are sent to',
          },
        ]
      : [],
  );
}
