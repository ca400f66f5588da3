// The row half of a contract as SQL: typed columns out of raw text, and for each row the first rule that it breaks.
// Invariant: a value that does not fit is never changed to fit; its row goes to quarantine under the rule's name.
import type { ColumnPlan, TablePlan } from '../../domain/plan';
import { quoteList, quoteName, quoteText } from '../sql-text';

/** One rule on rows. `broken` and `found` are SQL over {@link typedColumns}. */
export interface RowRule {
  readonly rule: string;
  readonly broken: string;
  /** SQL of what to show of a row that breaks it. */
  readonly found: string;
  /** Where it was found, such as `column delay`. */
  readonly where: string;
  readonly allowed: string;
}

const SQL_TYPES: Record<ColumnPlan['type'], string> = {
  string: 'VARCHAR',
  category: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

const ALLOWED_TYPES: Record<ColumnPlan['type'], string> = {
  string: 'a text',
  category: 'a text',
  integer: 'an integer',
  number: 'a finite number',
  boolean: 'true or false',
  date: 'a date YYYY-MM-DD',
  timestamp: 'an instant in ISO 8601',
};

/** SQL type of a column in accepted partitions. */
export function sqlTypeOf(column: ColumnPlan): string {
  return SQL_TYPES[column.type];
}

/** The raw text of a column before it is typed. Errors of the author's SQL on single values become NULL. */
export function rawExpression(name: string, column: ColumnPlan): string {
  return column.sql === undefined ? quoteName(name) : `CAST(TRY(${column.sql}) AS VARCHAR)`;
}

function textName(name: string): string {
  return quoteName(`__text_${name}`);
}

/** Two select items for each column: its text, and its typed value (NULL when the text does not fit the type). */
export function textColumns(columns: TablePlan['columns']): string {
  return Object.entries(columns)
    .map(([name, column]) => `${rawExpression(name, column)} AS ${textName(name)}`)
    .join(', ');
}

export function typedColumns(columns: TablePlan['columns']): string {
  return Object.entries(columns)
    .map(([name, column]) => `${typed(textName(name), column)} AS ${quoteName(name)}`)
    .join(', ');
}

function typed(text: string, column: ColumnPlan): string {
  switch (column.type) {
    case 'string':
    case 'category':
      return text;
    case 'integer': // TRY_CAST('5.7' AS BIGINT) is 6
      return `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+([.]0*)?') THEN TRY_CAST(${text} AS BIGINT) END`;
    case 'number':
      return `CASE WHEN isfinite(TRY_CAST(${text} AS DOUBLE)) THEN TRY_CAST(${text} AS DOUBLE) END`;
    case 'timestamp': // a cast to TIMESTAMP ignores the offset of the text
      return `timezone('UTC', TRY_CAST(${text} AS TIMESTAMPTZ))`;
    case 'boolean':
    case 'date':
      return `TRY_CAST(${text} AS ${sqlTypeOf(column)})`;
  }
}

/** All rules but the unique key, in the order in which they are looked at. */
export function rowRules(plan: TablePlan): RowRule[] {
  const columns = Object.entries(plan.columns).flatMap(([name, column]) =>
    columnRules(name, { ...column, nullable: column.nullable && !plan.key.includes(name) }),
  );
  const found = keyText(plan);
  const rows = plan.rowRules.map(({ name, sql }) => {
    return { rule: name, broken: `(${sql}) IS NOT TRUE`, found, where: 'row', allowed: `rows for which ${sql}` };
  });
  return [...columns, ...rows];
}

/** The rule that the second and later rows of a key break. */
export function keyRule(plan: TablePlan): Pick<RowRule, 'rule' | 'found' | 'where' | 'allowed'> {
  return { rule: 'key', found: keyText(plan), where: `key ${plan.key.join(', ')}`, allowed: 'each key once' };
}

function keyText(plan: TablePlan): string {
  return `concat_ws(', ', ${plan.key.map((name) => textName(name)).join(', ')})`;
}

function columnRules(name: string, column: ColumnPlan): RowRule[] {
  const c = quoteName(name);
  const text = textName(name);
  const rule = (kind: string, broken: string, allowed: string): RowRule => {
    return { rule: `${name}_${kind}`, broken, found: text, where: `column ${name}`, allowed };
  };
  const rules = [rule('type', `${text} IS NOT NULL AND ${c} IS NULL`, ALLOWED_TYPES[column.type])];
  if (!column.nullable) rules.push(rule('null', `${c} IS NULL`, 'a value in every row'));
  if (column.min !== undefined || column.max !== undefined)
    rules.push(rule('range', rangeBroken(c, column), range(column)));
  if (column.pattern !== undefined) {
    const broken = `NOT regexp_full_match(CAST(${c} AS VARCHAR), ${quoteText(column.pattern)})`;
    rules.push(rule('pattern', broken, `text like ${column.pattern}`));
  }
  if (column.values) {
    const broken = `NOT list_contains(${quoteList(column.values)}, CAST(${c} AS VARCHAR))`;
    rules.push(rule('values', broken, `one of ${column.values.join(', ')}`));
  }
  return rules;
}

function rangeBroken(c: string, { min, max }: ColumnPlan): string {
  const below = min === undefined ? [] : [`${c} < ${min}`];
  const above = max === undefined ? [] : [`${c} > ${max}`];
  return [...below, ...above].join(' OR ');
}

function range({ min, max }: ColumnPlan): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
}
