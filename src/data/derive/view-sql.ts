// Looks into a feature view's SQL before it runs: what it reads, and whether its result depends on anything but that.
// Invariant: a view that passes reads declared tables only, by name, and no clock, chance or file.
import { UnderstudyError } from '../../domain/failures';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import type { Connection } from '../engine';
import { quoteText } from '../sql-text';
import { saysRowByRow } from './view-inputs';

/** Table functions that make rows out of nothing but their arguments. */
const PURE_TABLE_FUNCTIONS = new Set(['range', 'generate_series', 'unnest']);

/** Functions (some written without parentheses) whose result changes from run to run or comes from outside. */
const IMPURE = new Set(
  `now today current_date current_time current_timestamp current_localtime current_localtimestamp get_current_time
  get_current_timestamp transaction_timestamp random setseed uuid uuidv4 uuidv7 gen_random_uuid nextval currval getenv txid_current`.split(
    /\s+/,
  ),
);

interface Found {
  readonly tables: { readonly name: string; readonly qualified: boolean }[];
  readonly tableFunctions: string[];
  readonly functions: string[];
  readonly columns: Set<string>;
  readonly withNames: Set<string>;
}

/**
 * Checks the SQL of a view without running it.
 * @throws UnderstudyError `LEAKAGE` for a table that is not declared in `reads`, a file, or a table with `rowAvailableAt` or another view
 * whose `available_at` is not used; `MODEL_CODE_FAILED` for anything but one SELECT, and for functions such as now() and random().
 */
export async function checkViewSql(connection: Connection, plan: ModelPlan, view: FeatureViewPlan): Promise<void> {
  const part = `feature view ${view.name}`;
  const found = await parse(connection, view, part);
  const reads = Object.keys(view.reads);
  for (const { name, qualified } of found.tables) {
    const declared = !qualified && (reads.includes(name) || (found.withNames.has(name) && /^\w+$/.test(name)));
    if (!declared) throw leakage(view, `table or file "${name}"`);
  }
  const reader = found.tableFunctions.find((name) => !PURE_TABLE_FUNCTIONS.has(name));
  if (reader !== undefined) throw leakage(view, `function ${reader}()`);
  const impure = [...found.functions, ...found.columns].find((name) => IMPURE.has(name));
  if (impure !== undefined) {
    const message = `${part}: its result would change from run to run (found: ${impure}; allowed: getvariable('logical_day') and the columns of its tables)`;
    throw new UnderstudyError('MODEL_CODE_FAILED', message, { view: view.name, found: impure });
  }
  const perRow = reads.find((table) => saysRowByRow(plan, table));
  if (perRow !== undefined && !found.columns.has('available_at')) {
    const what = plan.tables[perRow] ? 'table' : 'feature view';
    const message = `${part}: rows of ${what} "${perRow}" become available one by one (found: no use of available_at; allowed: rows with available_at at or before the event time)`;
    throw new UnderstudyError('LEAKAGE', message, { view: view.name, table: perRow });
  }
}

/** What a view may not read, named. */
export function leakage(view: FeatureViewPlan, found: string): UnderstudyError {
  const allowed = Object.keys(view.reads).join(', ');
  const message = `feature view ${view.name}: it reads what it does not declare (found: ${found}; allowed by reads: ${allowed})`;
  return new UnderstudyError('LEAKAGE', message, { view: view.name, found });
}

async function parse(connection: Connection, view: FeatureViewPlan, part: string): Promise<Found> {
  const [row] = await connection.rows(`SELECT CAST(json_serialize_sql(${quoteText(view.sql)}) AS VARCHAR) AS tree`);
  const tree = JSON.parse(String(row!['tree'])) as { error: boolean; error_message?: string; statements?: unknown[] };
  if (tree.error || tree.statements?.length !== 1) {
    const found = tree.error ? tree.error_message : `${tree.statements?.length} statements`;
    const message = `${part}: its SQL cannot be read (found: ${found}; allowed: one SELECT)`;
    throw new UnderstudyError('MODEL_CODE_FAILED', message, { view: view.name });
  }
  const found: Found = { tables: [], tableFunctions: [], functions: [], columns: new Set(), withNames: new Set() };
  walk(tree.statements, found);
  return found;
}

/** Walks DuckDB's syntax tree; names in it keep the author's letters, which SQL compares without regard to case. */
function walk(node: unknown, found: Found): void {
  if (Array.isArray(node)) {
    node.forEach((child) => walk(child, found));
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const tree = node as Record<string, unknown>;
  const text = (name: string) => (typeof tree[name] === 'string' ? tree[name].toLowerCase() : '');
  switch (tree['type']) {
    case 'BASE_TABLE':
      found.tables.push({ name: text('table_name'), qualified: text('schema_name') + text('catalog_name') !== '' });
      break;
    case 'TABLE_FUNCTION':
      found.tableFunctions.push(String((tree['function'] as { function_name?: string }).function_name).toLowerCase());
      break;
    case 'FUNCTION':
      found.functions.push(text('function_name'));
      break;
    case 'COLUMN_REF':
      found.columns.add(String((tree['column_names'] as string[]).at(-1)).toLowerCase());
      break;
  }
  const withMap = (tree['cte_map'] as { map?: { key: string }[] } | undefined)?.map ?? [];
  withMap.forEach(({ key }) => found.withNames.add(key.toLowerCase()));
  Object.values(tree).forEach((child) => walk(child, found));
}
