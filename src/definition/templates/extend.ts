// extend: a definition out of another one and a few changes.
// Invariant: neither the base nor the changes are ever changed themselves.
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan, ModelPlanInput } from '../../domain/plan/plan';
import { defineModel, type Definition } from '../define-model';
import { describeValue, list, type Problem } from '../checks/problems';

/** What may be written over a part of a definition: any of its fields, at any depth; `null` removes a field. */
export type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> | null }
    : T;

/** Changes of a definition; those of a contender may leave out its trainer. */
export type DefinitionChanges = Changes<ModelPlanInput>;

/** A definition, or a template: some of its fields. */
export type Template = Definition | Changes<ModelPlanInput>;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A definition that is the base with changes. Objects are merged field by field, at any depth; lists and plain values take the place of those
 * of the base; `null` removes a field, so that its default applies; `undefined` changes nothing. A contender with another `trainer` than the
 * base's takes its whole place, because parameters of one trainer mean nothing to another.
 *
 * Fails with DEFINITION_INVALID, as `defineModel` does; also where `null` would remove a field that the base does not have.
 */
export function extend(base: Template, changes: DefinitionChanges): Definition {
  return defineModel(merged(base, changes));
}

/**
 * The same before it is checked, as `extend` hands it to `defineModel`.
 * @throws UnderstudyError `DEFINITION_INVALID` when the base or the changes are no object, or `null` stands for a field that the base does not have.
 */
export function merged(base: Template, changes: DefinitionChanges): ModelPlanInput {
  const from: unknown = isDefinition(base) ? base.written : base;
  const problems: Problem[] = [];
  if (!isFields(from)) problems.push({ path: 'extend(base)', found: describeValue(from), allowed: 'a definition' });
  if (!isFields(changes))
    problems.push({ path: 'extend(…, changes)', found: describeValue(changes), allowed: 'an object with changes' });
  const result = problems.length === 0 ? mergeFields(from as Fields, changes, [], problems) : {};
  if (problems.length > 0) {
    const name = nameOf(changes) ?? nameOf(from) ?? '<name>';
    const file = `models/${name}/model.ts`;
    const lines = problems.map(({ path, found, allowed }) => `${file}: ${path}: found ${found}, allowed is ${allowed}`);
    throw new UnderstudyError('DEFINITION_INVALID', lines.join('\n'), { file, problems });
  }
  return result as unknown as ModelPlanInput;
}

function mergeFields(base: Fields, changes: Fields, path: readonly string[], problems: Problem[]): Fields {
  const result: Record<string, unknown> = { ...base };
  for (const [name, change] of Object.entries(changes)) {
    const at = [...path, name];
    const before = base[name];
    if (change === undefined) continue;
    if (change === null) {
      if (before === undefined) problems.push(nothingToRemove(at, base));
      delete result[name];
    } else if (isFields(change) && isFields(before) && !isOtherTrainer(at, before, change)) {
      result[name] = mergeFields(before, change, at, problems);
    } else {
      result[name] = change;
    }
  }
  return result;
}

function isOtherTrainer(path: readonly string[], before: Fields, change: Fields): boolean {
  const isContender = path.length === 2 && path[0] === 'contenders';
  return isContender && change['trainer'] !== undefined && change['trainer'] !== before['trainer'];
}

function nothingToRemove(path: readonly string[], base: Fields): Problem {
  const there = list(Object.keys(base)) || 'it has none';
  return { path: path.join('.'), found: 'null', allowed: `null for a field that the base has: ${there}` };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string | undefined {
  const name = isFields(value) ? value['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** A file may have got `defineModel` from another copy of this package, so the shape counts. */
function isDefinition(value: Template): value is Definition {
  return isFields((value as { plan?: unknown }).plan);
}

/** The plan of a definition, or the fields of a template. */
export function fieldsOf(base: Template): Partial<ModelPlan> {
  return (isDefinition(base) ? base.plan : base) as Partial<ModelPlan>;
}
