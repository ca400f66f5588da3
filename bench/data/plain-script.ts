// The yardstick of `data`: the year as a plain DuckDB script would do it, in a process of its own: the same files with the same SQL, and no
// checks, statistics, revisions, references or resumption. Usage: plain-script <models folder> <output folder>; prints JSON `{ seconds, files }`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, type Connection } from '../../src/data/engine';
import { bindablePartitions } from '../../src/data/derive/view-inputs';
import { sqlTypeOf } from '../../src/data/check/row-rules';
import { copyToParquet, quoteList, quoteName, quoteText } from '../../src/data/sql-text';
import { loadDefinition } from '../../src/definition/catalog';
import { daysBetween, type Day } from '../../src/domain/days';
import type { FileSourcePlan, ModelPlan } from '../../src/domain/plan/plan';
import { MODEL, YEAR } from './year-of-flights';

async function main(modelsFolder: string, outFolder: string): Promise<void> {
  const { plan } = loadDefinition(modelsFolder, MODEL);
  mkdirSync(outFolder, { recursive: true });
  const engine = await createEngine({ threads: 2, memoryLimitMb: 1024, tempDir: join(outFolder, 'temp') });
  const started = performance.now();
  const files = await engine.task((connection) => writeYear(connection, plan, modelsFolder, outFolder));
  const seconds = (performance.now() - started) / 1000;
  engine.close();
  process.stdout.write(`${JSON.stringify({ seconds, files })}\n`);
}

async function writeYear(
  connection: Connection,
  plan: ModelPlan,
  modelsFolder: string,
  outFolder: string,
): Promise<number> {
  for (const table of Object.keys(plan.tables)) await readTable(connection, plan, modelsFolder, table);
  let files = 0;
  for (const day of daysBetween(YEAR.from, YEAR.to)) {
    for (const [table, { key }] of Object.entries(plan.tables)) {
      const order = key.map(quoteName).join(', ');
      const query = `SELECT * EXCLUDE (partition_day, available_at) FROM ${all(table)} WHERE partition_day = DATE ${quoteText(day)} ORDER BY ${order}`;
      await connection.run(copyToParquet(query, join(outFolder, `${table}-${day}.parquet`)));
      files++;
    }
    await connection.run(`SET VARIABLE logical_day = DATE ${quoteText(day)}`);
    for (const view of plan.features) {
      await bind(connection, plan, view, day);
      const query = `SELECT * FROM (${view.sql}) ORDER BY ${quoteName(plan.entity.key)}`;
      await connection.run(copyToParquet(query, join(outFolder, `${view.name}-${day}.parquet`)));
      files++;
    }
  }
  return files;
}

function all(table: string): string {
  return quoteName(`all_${table}`);
}

/** All rows of a table, typed, from its raw files. */
async function readTable(connection: Connection, plan: ModelPlan, modelsFolder: string, name: string): Promise<void> {
  const table = plan.tables[name]!;
  const { path, nullText, partitionBy } = table.source as FileSourcePlan;
  const months = Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, '0'));
  const paths = months.map((month) =>
    join(modelsFolder, plan.name, path.replace('{yyyy}', '2013').replace('{MM}', month)),
  );
  const columns = Object.entries(table.columns).map(
    ([column, { sql, ...rest }]) => `CAST(${sql ?? quoteName(column)} AS ${sqlTypeOf(rest)}) AS ${quoteName(column)}`,
  );
  await connection.run(`
    CREATE TABLE ${all(name)} AS SELECT *, ${table.rowAvailableAt ?? 'CAST(NULL AS TIMESTAMP)'} AS available_at FROM (
      SELECT ${columns.join(', ')}, CAST(${partitionBy!} AS DATE) AS partition_day
      FROM read_csv(${quoteList([...new Set(paths)])}, all_varchar = true, header = true, nullstr = ${quoteText(nullText)}))`);
}

/** The tables that a view reads, as views on exactly the days that it may see. */
async function bind(
  connection: Connection,
  plan: ModelPlan,
  view: ModelPlan['features'][number],
  day: Day,
): Promise<void> {
  const bound = bindablePartitions(plan, view, day);
  for (const table of Object.keys(view.reads)) {
    const days = bound.filter((each) => each.table === table).map(({ partition }) => `DATE ${quoteText(partition)}`);
    await connection.run(
      `CREATE OR REPLACE TEMP VIEW ${quoteName(table)} AS SELECT * FROM ${all(table)} WHERE partition_day IN (${days.join(', ') || 'NULL'})`,
    );
  }
}

void main(process.argv[2]!, process.argv[3]!);
