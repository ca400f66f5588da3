// The row half of a contract as SQL: typed columns out of raw text, and for each row the first rule that it breaks.
// Invariant: a value that does not fit is never changed to fit; its row goes to quarantine under the rule's name.
import type { ColumnPlan, TablePlan } from '../../domain/plan/plan';
import { quoteList, quoteName, quoteText } from '../sql-text';
import type { DayFile } from './check-request';

/** What row rules need besides the contract. */
export interface RowRuleContext {
  /** By column with `references`: the file that has the values. */
  readonly references: Readonly<Record<string, DayFile | null>>;
  /** By category column: the values of recent partitions; absent: not known, or not completely. */
  readonly knownCategories: Readonly<Record<string, readonly string[]>>;
}

/** One rule on rows. `broken` and `found` are SQL over {@link typedColumns}. */
export interface RowRule {
  readonly rule: string;
  readonly broken: string;
  /** SQL of what to show of a row that breaks it. */
  readonly found: string;
  /** Where it was found, such as `column delay`. */
  readonly where: string;
  readonly allowed: string;
  /** Whether a person may let in the rows that break only this rule. */
  readonly canBeWaived: boolean;
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

/** A time of day with an offset behind it, so that the days of `2013-01-05` are not taken for one. */
const WITH_OFFSET = '.*[0-9]:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?([zZ]|UTC|[+-][0-9]{2}(:?[0-9]{2})?)';

function typed(text: string, column: ColumnPlan): string {
  switch (column.type) {
    case 'string':
    case 'category':
      return text;
    case 'integer': // TRY_CAST('5.7' AS BIGINT) is 6
      return `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+([.]0*)?') THEN TRY_CAST(${text} AS BIGINT) END`;
    case 'number':
      return finite(`TRY_CAST(${text} AS DOUBLE)`);
    case 'timestamp':
      return timestamp(text, column.zone ?? 'UTC');
    case 'boolean':
      return `TRY_CAST(${text} AS BOOLEAN)`;
    case 'date':
      return finite(`TRY_CAST(${text} AS DATE)`);
  }
}

/** NaN and infinity are no values; `infinity` is a date to DuckDB too. */
function finite(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}

/** A text without an offset is a local time of the zone; one that a clock change skips is no instant. */
function timestamp(text: string, zone: string): string {
  // A cast to TIMESTAMP would ignore the offset of the text.
  const instant = `timezone('UTC', TRY_CAST(${text} AS TIMESTAMPTZ))`;
  if (zone === 'UTC') return finite(instant);
  const local = `TRY_CAST(${text} AS TIMESTAMP)`;
  const ofZone = `timezone(${quoteText(zone)}, ${local})`;
  const kept = `CASE WHEN timezone(${quoteText(zone)}, ${ofZone}) = ${local} THEN timezone('UTC', ${ofZone}) END`;
  return finite(`CASE WHEN regexp_full_match(${text}, ${quoteText(WITH_OFFSET)}) THEN ${instant} ELSE ${kept} END`);
}

/** All rules but the unique key, in the order in which they are looked at. */
export function rowRules(plan: TablePlan, context: RowRuleContext): RowRule[] {
  const columns = Object.entries(plan.columns).flatMap(([name, column]) =>
    columnRules(name, column, plan.key.includes(name), context),
  );
  const found = keyText(plan);
  const rows = plan.rowRules.map(({ name, sql }) => {
    const broken = `(${sql}) IS NOT TRUE`;
    return { rule: name, broken, found, where: 'row', allowed: `rows for which ${sql}`, canBeWaived: true };
  });
  return [...columns, ...rows];
}

/** The rule that the second and later rows of a key break. */
export function keyRule(plan: TablePlan): RowRule {
  const where = `key ${plan.key.join(', ')}`;
  return { rule: 'key', broken: 'false', found: keyText(plan), where, allowed: 'each key once', canBeWaived: false };
}

function keyText(plan: TablePlan): string {
  return `concat_ws(', ', ${plan.key.map((name) => textName(name)).join(', ')})`;
}

function columnRules(name: string, column: ColumnPlan, isKey: boolean, context: RowRuleContext): RowRule[] {
  const c = quoteName(name);
  const text = textName(name);
  const rule = (kind: string, broken: string, allowed: string, canBeWaived = true): RowRule => {
    return { rule: `${name}_${kind}`, broken, found: text, where: `column ${name}`, allowed, canBeWaived };
  };
  const rules = [rule('type', `${text} IS NOT NULL AND ${c} IS NULL`, allowedType(column), false)];
  if (isKey || !column.nullable) rules.push(rule('null', `${c} IS NULL`, 'a value in every row', !isKey));
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
  const known = context.knownCategories[name];
  if (column.unseen === 'quarantine' && known) {
    const broken = `NOT list_contains(${quoteList(known)}, ${c})`;
    rules.push(rule('unseen', broken, `one of the ${known.length} values of recent partitions`));
  }
  const file = context.references[name];
  if (column.references && file) {
    const { table, column: other } = column.references;
    const values = `SELECT CAST(${quoteName(other)} AS VARCHAR) FROM read_parquet(${quoteText(file.path)}) WHERE ${quoteName(other)} IS NOT NULL`;
    const broken = `${c} IS NOT NULL AND CAST(${c} AS VARCHAR) NOT IN (${values})`;
    rules.push(rule('reference', broken, `a value of ${table}.${other} of ${file.partition}`));
  }
  return rules;
}

function allowedType({ type, zone }: ColumnPlan): string {
  return type === 'timestamp' && zone !== undefined
    ? `${ALLOWED_TYPES[type]}, or a local time of ${zone}`
    : ALLOWED_TYPES[type];
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
