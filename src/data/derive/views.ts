// Computes feature views for days: binds exactly the given partitions under the tables' names, runs the SQL, checks and writes the rows.
// Invariant: one row for each entity of the day, the declared columns and kinds, sorted by key; equal inputs give equal bytes.
import { dayNumber, type Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import { DAY, EVENT_TIME } from './feature-files';
import { loadPartitions, type LoadedPartitions } from './loaded-partitions';
import { modelSql, type Connection, type Engine } from '../engine';
import { copyToParquet, quoteName, quoteText } from '../sql-text';
import { bindablePartitions, saysRowByRow, type Binding } from './view-inputs';
import { checkViewSql, leakage } from './view-sql';

/** One view for one day. */
export interface ViewJob {
  readonly view: FeatureViewPlan;
  readonly day: Day;
  /**
   * Some or all of `bindablePartitions`; the entity table's partition of the day must be among them. Features of another view must have
   * been computed: views that read views go after them.
   */
  readonly bindings: readonly Binding[];
  /** Parquet: the entity's key, `__day` (INTEGER), `__event_time` (TIMESTAMP), then the features: DOUBLE or VARCHAR, NULL for missing. */
  readonly outPath: string;
}

/** Two connections keep two cores busy: a day is too small for DuckDB to share out. */
const CONCURRENCY = 2;

/** Computes one view for one day; see {@link computeViews}. */
export async function computeView(
  engine: Engine,
  job: ViewJob & { readonly plan: ModelPlan },
): Promise<{ readonly rows: number }> {
  const [result] = await computeViews(engine, job.plan, [job]);
  return result!;
}

/**
 * Computes many views and days of one plan; gives the number of rows of each job, in their order. Each partition is read once
 * and kept in memory meanwhile, so pass days in batches (a month, say). After a failure some files may have been written.
 * @throws UnderstudyError `LEAKAGE` when a view reads, or is given, what it may not see; `MODEL_CODE_FAILED` when its SQL fails or
 * its result is not as declared, naming view, what was found and what is allowed; `PARTITION_MISSING` without the entity's partition.
 */
export async function computeViews(
  engine: Engine,
  plan: ModelPlan,
  jobs: readonly ViewJob[],
): Promise<{ readonly rows: number }[]> {
  for (const job of jobs) requireBindable(plan, job);
  await engine.task(async (connection) => {
    for (const view of new Set(jobs.map((job) => job.view))) await checkViewSql(connection, plan, view);
  });
  const loaded = await loadPartitions(
    engine,
    plan,
    jobs.flatMap((job) => job.bindings),
  );
  try {
    const results: { rows: number }[] = [];
    let next = 0;
    const lane = async () => {
      for (let i = next++; i < jobs.length; i = next++) {
        const job = jobs[i]!;
        // A connection of its own: no view of another job is in sight.
        results[i] = { rows: await engine.task((connection) => compute(connection, plan, job, loaded)) };
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: Math.min(CONCURRENCY, jobs.length) }, lane));
    for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason;
    return results;
  } finally {
    await loaded.drop();
  }
}

function requireBindable(plan: ModelPlan, { view, day, bindings }: ViewJob): void {
  const allowed = new Set(bindablePartitions(plan, view, day).map((b) => `${b.table} ${b.partition}`));
  const bad = bindings.find((b) => !allowed.has(`${b.table} ${b.partition}`));
  if (bad) throw leakage(view, `partition ${bad.partition} of table "${bad.table}" for day ${day}`);
  const { table } = plan.entity;
  if (bindings.some((b) => b.table === table && b.partition === day)) return;
  const message = `feature view ${view.name}, day ${day}: partition ${day} of the entity table "${table}" is not bound (found: ${bindings.length} partitions; allowed: at least this one)`;
  throw new UnderstudyError('PARTITION_MISSING', message, { view: view.name, day, table });
}

async function compute(
  connection: Connection,
  plan: ModelPlan,
  job: ViewJob,
  loaded: LoadedPartitions,
): Promise<number> {
  const { view, day } = job;
  const part = `feature view ${view.name}, day ${day}`;
  await connection.run(surroundings(plan, job, loaded));
  const sql = view.sql.replace(/;\s*$/, '');
  await modelSql(part, () => connection.run(`CREATE TEMP TABLE __result AS (${sql}\n)`));
  await checkColumns(connection, plan, view, part);
  const features = Object.entries(view.features).map(([name, kind]) => `${stored(name, kind)} AS ${quoteName(name)}`);
  const key = quoteName(plan.entity.key);
  const columns = [key, `CAST(${dayNumber(day)} AS INTEGER) AS ${DAY}`, EVENT_TIME, ...features].join(', ');
  const written = await connection.write(
    copyToParquet(`SELECT ${columns} FROM __result JOIN __entity USING (${key}) ORDER BY ${key}`, job.outPath),
  );
  await checkKeys(connection, plan, part, written);
  return written;
}

/** What a view's SQL finds: the day's entities, the tables that it reads, and the day. In one go, because each statement costs a turn. */
function surroundings(plan: ModelPlan, { view, day, bindings }: ViewJob, loaded: LoadedPartitions): string {
  const { table: entities, key, eventTime } = plan.entity;
  const entity = bindings.filter((binding) => binding.table === entities && binding.partition === day);
  const statements = [
    `CREATE TEMP TABLE __entity AS SELECT ${quoteName(key)}, CAST(${quoteName(eventTime)} AS TIMESTAMP) AS ${EVENT_TIME} FROM (${loaded.select(entities, entity)})`,
  ];
  for (const table of Object.keys(view.reads)) {
    const bound = bindings.filter((binding) => binding.table === table);
    const rows = loaded.select(table, bound);
    // What appears after the last event of the day is of no use to an honest query, and out of reach of another.
    const visible = saysRowByRow(plan, table)
      ? `SELECT * FROM (${rows}) WHERE available_at <= (SELECT max(${EVENT_TIME}) FROM __entity)`
      : rows;
    statements.push(`CREATE TEMP VIEW ${quoteName(table)} AS ${visible}`);
  }
  statements.push(`SET VARIABLE logical_day = DATE ${quoteText(day)}`);
  return statements.join(';\n');
}

/** What is not finite is missing. */
function stored(name: string, kind: 'number' | 'category'): string {
  const value = quoteName(name);
  if (kind === 'category') return value;
  return `CASE WHEN isfinite(CAST(${value} AS DOUBLE)) THEN CAST(${value} AS DOUBLE) END`;
}

const NUMBER_TYPES = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|DECIMAL\(.*)$/;

async function checkColumns(
  connection: Connection,
  plan: ModelPlan,
  view: FeatureViewPlan,
  part: string,
): Promise<void> {
  const found = await connection.columns('SELECT * FROM __result');
  const wanted = new Map<string, string>([[plan.entity.key, 'category'], ...Object.entries(view.features)]);
  const wrongType = found.find(({ name, type }) =>
    wanted.get(name) === 'number' ? !NUMBER_TYPES.test(type) : wanted.has(name) && type !== 'VARCHAR',
  );
  if (found.length === wanted.size && found.every(({ name }) => wanted.has(name)) && !wrongType) return;
  const got = found.map(({ name, type }) => `${name} ${type}`).join(', ');
  const allowed = [...wanted]
    .map(([name, kind]) => `${name} ${kind === 'number' ? 'as a number' : 'VARCHAR'}`)
    .join(', ');
  const message = `${part}: its columns are not those declared (found: ${got}; allowed: ${allowed})`;
  throw new UnderstudyError('MODEL_CODE_FAILED', message, { view: view.name });
}

/** `written`: rows of the result that belong to an entity. */
async function checkKeys(connection: Connection, plan: ModelPlan, part: string, written: number): Promise<void> {
  const key = quoteName(plan.entity.key);
  const [row] = await connection.rows(
    `SELECT (SELECT count(*) FROM __entity) AS entities, count(*) AS rows, count(DISTINCT ${key}) AS keys FROM __result`,
  );
  const { entities, rows, keys } = row!;
  if (rows === entities && keys === rows && written === rows) return;
  const [example] = await connection.rows(`
    SELECT (SELECT min(${key}) FROM __entity ANTI JOIN __result USING (${key})) AS missing,
      (SELECT min(${key}) FROM __result ANTI JOIN __entity USING (${key})) AS extra`);
  const { missing, extra } = example!;
  const named =
    missing !== null ? `; without a row: ${String(missing)}` : extra !== null ? `; of no entity: ${String(extra)}` : '';
  const message = `${part}: not one row for each entity of the day (found: ${String(rows)} rows with ${String(keys)} keys${named}; allowed: ${String(entities)} rows, one for each ${plan.entity.key})`;
  throw new UnderstudyError('MODEL_CODE_FAILED', message, { part });
}
