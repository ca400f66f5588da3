// Accepted partitions and features of other views in memory, read once for many feature queries; each query then selects exactly the ones it may see.
import type { IsoTimestamp } from '../../domain/days';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import { availableAt } from '../../domain/zones';
import { modelSql, type Connection, type Engine } from '../engine';
import { sqlTypeOf } from '../check/row-rules';
import { quoteList, quoteName, quoteText } from '../sql-text';
import { DAY, EVENT_TIME, featureRows } from './feature-files';
import { viewNamed } from './view-graph';
import type { Binding } from './view-inputs';

/** Partitions that were read. */
export interface LoadedPartitions {
  /**
   * A query for exactly the given partitions of a table or view: its columns (of a view the entity's key and the features), `partition_day`
   * and `available_at` (of a view the row's own event time).
   */
  select(table: string, bindings: readonly Binding[]): string;
  /** Frees the memory. */
  drop(): Promise<void>;
}

let batches = 0;

/** Reads each distinct partition of the bindings once. The caller drops the result. */
export async function loadPartitions(
  engine: Engine,
  plan: ModelPlan,
  bindings: readonly Binding[],
): Promise<LoadedPartitions> {
  const schema = `loaded_${++batches}`;
  const numbers = new Map<string, number>();
  const byTable = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const name = nameOf(binding);
    if (numbers.has(name)) continue;
    numbers.set(name, numbers.size);
    byTable.set(binding.table, [...(byTable.get(binding.table) ?? []), binding]);
  }
  const drop = () => engine.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  try {
    await engine.task(async (connection) => {
      await connection.run(`CREATE SCHEMA ${schema}`);
      for (const [table, bound] of byTable) {
        const sources = bound.map((binding) => ({ ...binding, number: numbers.get(nameOf(binding))! }));
        const load = viewNamed(plan, table) ? loadView : loadTable;
        await load(connection, plan, `${schema}.${quoteName(table)}`, table, sources);
      }
    });
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    drop,
    select: (table, bound) => {
      if (bound.length === 0) return emptyTable(plan, table);
      const wanted = bound.map((binding) => numbers.get(nameOf(binding))!);
      return `SELECT * EXCLUDE (__source) FROM ${schema}.${quoteName(table)} WHERE __source IN (${wanted.join(', ')})`;
    },
  };
}

function nameOf({ table, partition, path, within }: Binding): string {
  return `${table} ${partition} ${path} ${within ?? ''}`;
}

function timestamp(instant: IsoTimestamp): string {
  return `TIMESTAMP ${quoteText(instant.replace('T', ' ').replace('Z', ''))}`;
}

async function loadTable(
  connection: Connection,
  plan: ModelPlan,
  target: string,
  table: string,
  sources: readonly (Binding & { readonly number: number })[],
): Promise<void> {
  const tablePlan = plan.tables[table]!;
  const values = sources.map(({ number, partition, path }) => {
    const available = timestamp(availableAt(tablePlan.availableAt, partition, plan.timeZone));
    return `(${number}, DATE ${quoteText(partition)}, ${available}, ${quoteText(path)})`;
  });
  const columns = Object.keys(tablePlan.columns).map((name) => `t.${quoteName(name)}`);
  const rowAvailable = tablePlan.rowAvailableAt;
  const paths = [...new Set(sources.map(({ path }) => path))];
  await modelSql(`table ${table}, rowAvailableAt`, () =>
    connection.run(`
      CREATE TABLE ${target} AS
      SELECT s.__source, ${columns.join(', ')}, s.partition_day,
        ${rowAvailable === undefined ? 's.available_from' : 't.__row_available_at'} AS available_at
      FROM (SELECT *${rowAvailable === undefined ? '' : `, CAST((${rowAvailable}) AS TIMESTAMP) AS __row_available_at`}
        FROM read_parquet(${quoteList(paths)}, filename = '__file', union_by_name = true)) t
      JOIN (VALUES ${values.join(', ')}) s(__source, partition_day, available_from, __file) ON t.__file = s.__file
      ORDER BY s.__source`),
  );
}

/** A view's row exists from its own event time on: it was made of what was available then. */
async function loadView(
  connection: Connection,
  plan: ModelPlan,
  target: string,
  name: string,
  sources: readonly (Binding & { readonly number: number })[],
): Promise<void> {
  const names = [plan.entity.key, ...Object.keys(viewNamed(plan, name)!.features)].map(quoteName);
  const selects = sources.map((source) => {
    const columns = `${source.number} AS __source, ${names.join(', ')}, CAST(DATE '1970-01-01' + ${DAY} AS DATE) AS partition_day, ${EVENT_TIME} AS available_at`;
    return featureRows([source], columns);
  });
  await connection.run(`CREATE TABLE ${target} AS ${selects.join(' UNION ALL ')} ORDER BY __source, ${names[0]}`);
}

function emptyTable(plan: ModelPlan, table: string): string {
  const view = viewNamed(plan, table);
  if (view) return emptyView(plan, view);
  const columns = Object.entries(plan.tables[table]!.columns).map(
    ([name, column]) => `CAST(NULL AS ${sqlTypeOf(column)}) AS ${quoteName(name)}`,
  );
  return `SELECT ${columns.join(', ')}, CAST(NULL AS DATE) AS partition_day, CAST(NULL AS TIMESTAMP) AS available_at LIMIT 0`;
}

function emptyView(plan: ModelPlan, view: FeatureViewPlan): string {
  const features = Object.entries(view.features).map(
    ([name, kind]) => `CAST(NULL AS ${kind === 'number' ? 'DOUBLE' : 'VARCHAR'}) AS ${quoteName(name)}`,
  );
  return `SELECT CAST(NULL AS VARCHAR) AS ${quoteName(plan.entity.key)}, ${features.join(', ')}, CAST(NULL AS DATE) AS partition_day, CAST(NULL AS TIMESTAMP) AS available_at LIMIT 0`;
}
