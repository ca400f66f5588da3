// variants: several models out of one definition, which share its tables and views and have each their own lifecycle.
// Invariant: what is shared is the same in all of them: tables, time zone and the data's owner are the base's.
import { UnderstudyError } from '../../domain/failures';
import { defineModel, type Definition } from '../define-model';
import { describeValue, type Problem } from '../checks/problems';
import { fieldsOf, merged, type DefinitionChanges, type Template } from './extend';

/** Fields that all variants share, and why. */
const SHARED: Readonly<Record<string, string>> = {
  name: 'nothing: a variant is named <name of the base>-<variant>',
  tables: 'nothing: the variants share the tables of the base',
  timeZone: 'nothing: the variants share the time zone of the base, because their days are the same',
  dataOf: 'nothing: the variants share the data of the base',
};

/**
 * One definition for each variant, named `<base>-<variant>`: the base with the variant's changes, merged as `extend` does. A variant usually
 * says with `rows` which rows of the entity table are its own. The default export of `models/<base>/model.ts` may be the result.
 *
 * Tables, time zone and the owner of the data (`dataOf`, default: the base's name) cannot differ: partitions are ingested once, and the days
 * of a view that several variants have alike are computed once. Champions, approvals, schedules and reports are each variant's own.
 *
 * Fails with DEFINITION_INVALID, one line per mistake: `variants.<variant>.<field>`, what was found, what is allowed.
 */
export function variants(base: Template, changes: Readonly<Record<string, DefinitionChanges>>): readonly Definition[] {
  const { name, dataOf } = fieldsOf(base);
  const problems: Problem[] = [];
  if (typeof name !== 'string')
    problems.push({
      path: 'name',
      found: describeValue(name),
      allowed: 'the name of the base, which its variants begin with',
    });
  const entries = Object.entries(changes);
  if (entries.length === 0)
    problems.push({
      path: 'variants',
      found: 'none',
      allowed: 'at least one, such as { ewr: { rows: "origin = \'EWR\'" } }',
    });
  const definitions = entries.flatMap(([variant, change]) => {
    try {
      const refused = Object.keys(change ?? {}).flatMap((field) =>
        SHARED[field] ? [{ path: field, found: 'a change', allowed: SHARED[field] }] : [],
      );
      if (refused.length > 0) throw new UnderstudyError('DEFINITION_INVALID', 'shared fields', { problems: refused });
      const plan = { ...merged(base, change), name: `${name}-${variant}`, dataOf: dataOf ?? String(name) };
      return [defineModel(plan)];
    } catch (error) {
      problems.push(...ofVariant(variant, error));
      return [];
    }
  });
  if (problems.length === 0) return definitions;
  const file = `models/${typeof name === 'string' ? name : '<name>'}/model.ts`;
  const lines = problems.map(({ path, found, allowed }) => `${file}: ${path}: found ${found}, allowed is ${allowed}`);
  throw new UnderstudyError('DEFINITION_INVALID', lines.join('\n'), { file, problems });
}

/** The problems of one variant, under its name. Errors that name no field are thrown on. */
function ofVariant(variant: string, error: unknown): Problem[] {
  const problems = error instanceof UnderstudyError ? (error.details['problems'] as Problem[] | undefined) : undefined;
  if (!problems) throw error;
  return problems.map((problem) => ({ ...problem, path: `variants.${variant}.${problem.path}` }));
}
