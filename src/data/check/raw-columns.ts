// The columns of a delivered file against those of the contract: missing, extra, and, where the format has types, narrowed.
import type { TablePlan } from '../../domain/plan/plan';
import type { Connection } from '../engine';
import { FILE, LINE } from '../read/split';
import { quoteText } from '../sql-text';
import type { CheckSurroundings } from './check-request';
import { missingColumnMessage } from './columns';
import type { Finding } from './findings';
import { typeChange } from './source-types';

export interface RawColumns {
  /** As delivered, without the columns that the readers add. */
  readonly names: readonly string[];
  readonly hasFile: boolean;
  /** Rows of the file; from its metadata. */
  readonly rows: number;
  /** By column; null: the format has no types. */
  readonly types: Readonly<Record<string, string>> | null;
}

/** Reads names, types and the number of rows, not the rows. */
export async function rawColumns(connection: Connection, path: string, plan: TablePlan): Promise<RawColumns> {
  const file = quoteText(path);
  const [facts] = await connection.rows(`
    SELECT list(name) AS names, (SELECT num_rows FROM parquet_file_metadata(${file})) AS rows
    FROM parquet_schema(${file}) WHERE type IS NOT NULL`);
  const found = facts!['names'] as readonly string[];
  const names = found.filter((name) => name !== LINE && name !== FILE);
  const types = plan.source.format === 'parquet' ? await sourceTypes(connection, file) : null;
  return { names, hasFile: found.includes(FILE), rows: Number(facts!['rows']), types };
}

async function sourceTypes(connection: Connection, file: string): Promise<Record<string, string> | null> {
  const [row] = await connection.rows(
    `SELECT decode(value) AS types FROM parquet_kv_metadata(${file}) WHERE decode(key) = 'source_types'`,
  );
  return row ? (JSON.parse(String(row['types'])) as Record<string, string>) : null;
}

/** Missing, extra and changed columns, in this order; a missing one ends the check. */
export function columnFindings(
  plan: TablePlan,
  raw: RawColumns,
  earlier: CheckSurroundings['sourceTypes'],
  fileName: string,
): Finding[] {
  const wanted = Object.entries(plan.columns).flatMap(([name, { sql }]) => (sql === undefined ? [name] : []));
  const missing = wanted.filter((name) => !raw.names.includes(name));
  if (missing.length > 0) return [missingFinding(plan, raw, missing, fileName)];
  const present = { check: 'columns', kind: 'schema', verdict: 'passed', what: '' } as const;
  const columns: Finding = { ...present, found: raw.names.join(', '), allowed: 'every column of the contract' };
  return [columns, extraFinding(plan, raw, fileName), ...typeFindings(plan, raw, earlier, fileName)];
}

/** The finding of missing columns, with the likely new names. */
export function missingFinding(
  plan: TablePlan,
  { names }: RawColumns,
  missing: readonly string[],
  fileName: string,
): Finding {
  const claimed = Object.keys(plan.columns).filter((name) => names.includes(name));
  const message = missingColumnMessage(fileName, missing, names, claimed);
  const [what] = message.split(' (found: ', 1);
  const found = names.join(', ');
  return {
    check: 'columns',
    kind: 'schema',
    verdict: 'rejected',
    what: what!,
    found,
    allowed: 'every column of the contract',
  };
}

/** Whether the contract reads a raw column: by its name, or in its SQL (or that of the source) as a word. */
function isUsed(plan: TablePlan, name: string): boolean {
  const word = new RegExp(`(?<![A-Za-z0-9_])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z0-9_])`, 'i');
  const partitionBy = 'partitionBy' in plan.source ? plan.source.partitionBy : undefined;
  const texts = [...Object.values(plan.columns).map(({ sql }) => sql), partitionBy];
  return plan.columns[name]?.sql === undefined && plan.columns[name] !== undefined
    ? true
    : texts.some((sql) => sql !== undefined && word.test(sql));
}

function extraFinding(plan: TablePlan, { names }: RawColumns, fileName: string): Finding {
  const extra = plan.extraColumns === 'ignore' ? [] : names.filter((name) => !isUsed(plan, name));
  const verdicts = { ignore: 'passed', warn: 'warned', fail: 'rejected' } as const;
  const named = extra.map((name) => `"${name}"`).join(', ');
  return {
    check: 'extraColumns',
    kind: 'schema',
    verdict: extra.length === 0 ? 'passed' : verdicts[plan.extraColumns],
    what: `${fileName} line 1: the contract uses no column ${named}`,
    found: extra.length === 0 ? (plan.extraColumns === 'ignore' ? 'not looked at' : 'none') : extra.join(', '),
    allowed: plan.extraColumns === 'ignore' ? 'any column' : 'only columns that the contract uses',
  };
}

function typeFindings(
  plan: TablePlan,
  { types }: RawColumns,
  earlier: CheckSurroundings['sourceTypes'],
  fileName: string,
): Finding[] {
  if (!types || !earlier) return [];
  return Object.entries(types).flatMap(([name, type]): Finding[] => {
    const before = earlier.types[name];
    if (before === undefined || before === type || !isUsed(plan, name)) return [];
    const change = typeChange(before, type);
    const finding = {
      check: `${name}_source_type`,
      kind: 'schema',
      what: `${fileName}: column ${name} has a narrower type than on ${earlier.partition}`,
    } as const;
    if (change === 'same') return [];
    return change === 'widened'
      ? [{ ...finding, verdict: 'passed', found: `widened from ${before} to ${type}`, allowed: `${before} or wider` }]
      : [{ ...finding, verdict: 'rejected', found: type, allowed: `${before} or wider` }];
  });
}
