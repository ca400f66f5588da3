// Turns what is wrong with a definition into sentences for its author: path of the field, what was found, what is allowed.
import { z } from 'zod';
import { ModelPlan } from '../../domain/plan/plan';
import { optionsOf } from '../contenders/builder-options';

/** One thing that is wrong in a definition. */
export interface Problem {
  /** Path of the field, such as `tables.schedule.columns.carrier.type`. */
  readonly path: string;
  readonly found: string;
  readonly allowed: string;
}

/** Problems with the shape of what an author wrote: wrong types and values, missing fields, and fields that do not exist. */
export function shapeProblems(input: unknown, error: z.ZodError | undefined): Problem[] {
  const problems = (error?.issues ?? []).map((issue) => ({
    path: pathText(issue.path),
    found: describeValue(issue.input),
    allowed: allowedBy(issue),
  }));
  return [...problems, ...unknownFields(input, planSchema(), [])];
}

/** A value as it is shown in a message: short, and `nothing` where it is missing. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object with ${list(Object.keys(value)) || 'no fields'}`;
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** At most twelve names, comma-separated. */
export function list(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || '(the definition itself)';
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object with one field per name',
};

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `${issue.origin === 'number' || issue.origin === 'int' ? '' : `${issue.origin} of `}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_format':
      if (issue.format === 'date') return 'a day that exists, written YYYY-MM-DD';
      return issue.message.startsWith('must be ')
        ? issue.message.slice('must be '.length)
        : `a text that matches ${issue.pattern ?? issue.format}`;
    case 'invalid_key':
      return `a name: ${(issue.issues[0]?.message ?? 'lower-case letters, digits, - and _').replace(/^must be /, '')}`;
    case 'invalid_union': {
      const options = issue.errors.flat().map(allowedBy);
      return [...new Set(options)].join(', or ');
    }
    default:
      return issue.message;
  }
}

/** The part of JSON Schema that is needed to know which fields a plan has. */
interface FieldSchema {
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly additionalProperties?: FieldSchema | boolean;
}

let cachedSchema: FieldSchema | undefined;
function planSchema(): FieldSchema {
  cachedSchema ??= z.toJSONSchema(ModelPlan, { io: 'input' }) as FieldSchema;
  return cachedSchema;
}

/** zod drops fields that it does not know; here they are problems, because a misspelt optional field would silently do nothing. */
function unknownFields(value: unknown, schema: FieldSchema, path: readonly PropertyKey[]): Problem[] {
  if (Array.isArray(value)) {
    const items = schema.items;
    return items ? value.flatMap((item, index) => unknownFields(item, items, [...path, index])) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const { properties, additionalProperties } = schema;
  return Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined) return [];
    if (properties) {
      const known = properties[name];
      if (known) return unknownFields(inner, known, [...path, name]);
      return [
        {
          path: pathText([...path, name]),
          found: 'a field of this name',
          allowed: optionsAt(path, value) ?? `the fields ${Object.keys(properties).join(', ')}`,
        },
      ];
    }
    return typeof additionalProperties === 'object' ? unknownFields(inner, additionalProperties, [...path, name]) : [];
  });
}

/** A contender is written by a builder, whose options have names of their own. */
function optionsAt(path: readonly PropertyKey[], value: object): string | undefined {
  const isContender = path.length === 2 && path[0] === 'contenders';
  return isContender ? optionsOf((value as { readonly trainer?: unknown }).trainer) : undefined;
}
