// Looks at the columns of a sample of raw text: which types every value fits, and the figures that help to write a contract.
// Invariant: a type is only proposed when the row rules of src/data/check accept each value of the sample under it.
import type { ColumnPlan } from '../../domain/plan/plan';
import type { Connection, Row } from '../engine';
import { quoteName, quoteText } from '../sql-text';

/** What a sample says of one column. Missing values count nowhere but in `nulls`. */
export interface ColumnProfile {
  /** As the file calls it. */
  readonly raw: string;
  readonly type: ColumnPlan['type'];
  readonly rows: number;
  readonly nulls: number;
  readonly distinct: number;
  /** Numbers as numbers, everything else as text; null without a value. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** Of numbers only. */
  readonly mean: number | null;
  /** The most frequent values, most frequent first, equal ones by value; at most {@link TOP_VALUES}. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

/** A text column with at most so many different values, each twice or more on average, is a category. */
const CATEGORY_VALUES = 50;
const TOP_VALUES = CATEGORY_VALUES;
/** Texts that files write for a missing value, the likelier ones first. */
const NULL_TEXTS = ['', 'NA', 'N/A', 'NULL', 'null', 'None', '\\N'];

/** The text that the sample most probably writes for a missing value: the most frequent of the usual ones; `''` when there is none. */
export async function likelyNullText(connection: Connection, columns: readonly string[]): Promise<string> {
  if (columns.length === 0) return '';
  const counts = NULL_TEXTS.map((text, i) => {
    const each = columns.map((name) => `count(*) FILTER (${quoteName(name)} = ${quoteText(text)})`);
    return `${each.join(' + ')} AS n${i}`;
  });
  const [row] = await connection.rows(`SELECT ${counts.join(', ')} FROM sample`);
  let best = 0;
  for (let i = 1; i < NULL_TEXTS.length; i++) if (Number(row![`n${i}`]) > Number(row![`n${best}`])) best = i;
  return NULL_TEXTS[best]!;
}

/** Describes a column of the table `sample`. */
export async function profileColumn(connection: Connection, raw: string): Promise<ColumnProfile> {
  const v = quoteName(raw);
  const number = `TRY_CAST(${v} AS DOUBLE)`;
  const [figures] = await connection.rows(`
    SELECT count(*) AS rows, count(${v}) AS filled, count(DISTINCT ${v}) AS "distinct",
      count(*) FILTER (regexp_full_match(${v}, '[+-]?[0-9]+([.]0*)?') AND TRY_CAST(${v} AS BIGINT) IS NOT NULL) AS integers,
      count(*) FILTER (regexp_full_match(${v}, '[+-]?0[0-9].*')) AS codes,
      count(*) FILTER (isfinite(${number})) AS numbers,
      count(*) FILTER (lower(${v}) IN ('true', 'false')) AS booleans,
      count(*) FILTER (regexp_full_match(${v}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND TRY_CAST(${v} AS DATE) IS NOT NULL) AS dates,
      count(*) FILTER (regexp_matches(${v}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}')
        AND TRY_CAST(${v} AS TIMESTAMPTZ) IS NOT NULL) AS timestamps,
      min(${v}) AS min, max(${v}) AS max,
      min(${number}) FILTER (isfinite(${number})) AS least, max(${number}) FILTER (isfinite(${number})) AS most,
      avg(${number}) FILTER (isfinite(${number})) AS mean
    FROM sample`);
  const top = await connection.rows(`
    SELECT ${v} AS value, count(*) AS n FROM sample WHERE ${v} IS NOT NULL
    GROUP BY ${v} ORDER BY n DESC, value LIMIT ${TOP_VALUES}`);
  const type = typeOf(figures!);
  const numeric = type === 'integer' || type === 'number';
  return {
    raw,
    type,
    rows: Number(figures!['rows']),
    nulls: Number(figures!['rows']) - Number(figures!['filled']),
    distinct: Number(figures!['distinct']),
    min: (numeric ? figures!['least'] : figures!['min']) as number | string | null,
    max: (numeric ? figures!['most'] : figures!['max']) as number | string | null,
    mean: numeric ? (figures!['mean'] as number | null) : null,
    top: top.map((row) => ({ value: String(row['value']), count: Number(row['n']) })),
  };
}

function typeOf(figures: Row): ColumnPlan['type'] {
  const filled = Number(figures['filled']);
  const all = (name: string): boolean => Number(figures[name]) === filled;
  if (filled === 0) return 'string';
  // 007 and 02134 are codes: as numbers they would lose their zeros.
  const code = Number(figures['codes']) > 0;
  if (all('integers') && !code) return 'integer';
  if (all('booleans')) return 'boolean';
  if (all('dates')) return 'date';
  if (all('timestamps')) return 'timestamp';
  if (all('numbers') && !code) return 'number';
  const distinct = Number(figures['distinct']);
  return distinct <= CATEGORY_VALUES && distinct * 2 <= filled ? 'category' : 'string';
}
