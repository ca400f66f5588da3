// Gathers the facts of the page from the stores. Reads only; no raw row and no feature is read.
import ms from 'ms';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, daysBetween, type Day, type IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ColumnDescription, ColumnSketch } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import { availableAt, localDay } from '../../domain/zones';
import type { ViewDescription } from '../../ports/features';
import type { Stores } from '../../ports/stores';
import type { DataFacts, RejectionFact, TableFacts, ViewFacts } from './facts';

/** Days that are shown when the first one is not asked for. */
const DEFAULT_DAYS = 366;
/** After every partition. */
const END_OF_TIME = '9999-12-31';

/** Where the facts come from. */
export interface FactSources {
  readonly stores: Pick<
    Stores,
    'definitions' | 'partitions' | 'partitionSketches' | 'checks' | 'watermarks' | 'registry' | 'audit'
  >;
  /** Merges the sketches of one column's partitions and describes them. */
  readonly describeSketches: (sketches: readonly ColumnSketch[]) => ColumnDescription;
  /** The views of a deployed model with version and what is stored of them. */
  readonly describeViews: (model: string) => Promise<readonly ViewDescription[]>;
}

/** What is asked for. */
export interface FactRange {
  /** Default: the first day of the data, at most 366 days before `to`. */
  readonly from?: Day;
  /** Default: the newest of today (of the model's clock) and the last day stored, not after the end of the data. */
  readonly to?: Day;
  /** The machine's time. */
  readonly now: IsoTimestamp;
}

/**
 * The deployed plan of a model and everything recorded about its data.
 * @throws UnderstudyError `MODEL_NOT_DEPLOYED`, `USAGE` when the range is empty, `DATABASE_UNAVAILABLE`
 */
export async function gatherFacts(
  sources: FactSources,
  model: string,
  range: FactRange,
): Promise<{ readonly plan: ModelPlan; readonly facts: DataFacts }> {
  const { stores } = sources;
  const current = await stores.definitions.current(model);
  if (!current) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
  const { plan, codeCommit } = await stores.definitions.load(current.digest);
  const newest = await newestDays(sources, plan);
  const asOf = current.clock === 'wall' ? range.now : await newestInstant(sources, plan, newest, range.now);
  const { from, to } = daysShown(plan, Object.values(newest), asOf, range);
  const [tables, views, champion] = await Promise.all([
    tableFacts(sources, plan, from, to),
    viewFacts(sources, model),
    championOf(sources, model),
  ]);
  return {
    plan,
    facts: {
      ...{ definitionDigest: current.digest, codeCommit, clock: current.clock, madeAt: range.now, asOf },
      ...{ from, to, champion, tables, views },
    },
  };
}

/** The last stored day of each table that has one. */
async function newestDays({ stores }: FactSources, plan: ModelPlan): Promise<Record<string, Day>> {
  const found = await Promise.all(
    Object.keys(plan.tables).map(async (table) => {
      const [last] = await stores.partitions.statistics(dataOwner(plan), table, END_OF_TIME, 1);
      return last ? ([[table, last.partition]] as const) : [];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** On a simulated clock it is as late as the newest thing on record; the machine's time says nothing. */
async function newestInstant(
  { stores }: FactSources,
  plan: ModelPlan,
  newest: Readonly<Record<string, Day>>,
  now: IsoTimestamp,
): Promise<IsoTimestamp> {
  const [audited] = await stores.audit.list(plan.name, 1);
  const instants = Object.entries(newest).map(([table, day]) =>
    availableAt(plan.tables[table]!.availableAt, day, plan.timeZone),
  );
  const all = [...instants, ...(audited ? [audited.asOf] : [])].map((instant) => Date.parse(instant));
  return all.length === 0 ? now : new Date(Math.max(...all)).toISOString();
}

function daysShown(
  plan: ModelPlan,
  newest: readonly Day[],
  asOf: IsoTimestamp,
  range: FactRange,
): { readonly from: Day; readonly to: Day } {
  const { start, end } = plan.snapshot;
  const last = [localDay(asOf, plan.timeZone), ...newest].sort().at(-1)!;
  const to = range.to ?? [end ?? last, last].sort()[0]!;
  const from = range.from ?? [start, addDays(to, 1 - DEFAULT_DAYS)].sort().at(-1)!;
  if (from <= to) return { from, to };
  if (range.from === undefined && range.to === undefined) return { from, to: from };
  throw new UnderstudyError('USAGE', `The range is empty: its first day ${from} is after its last day ${to}.`);
}

async function tableFacts(
  sources: FactSources,
  plan: ModelPlan,
  from: Day,
  to: Day,
): Promise<Record<string, TableFacts>> {
  const { stores } = sources;
  const [watermarks, rejections] = await Promise.all([
    stores.watermarks.list(dataOwner(plan)),
    stores.partitions.rejections(dataOwner(plan)),
  ]);
  const gathered: Record<string, TableFacts> = {};
  // One table after the other: the sketches of a year are some megabytes.
  for (const [table, { arrival }] of Object.entries(plan.tables)) {
    const within = rejections
      .filter((each) => each.table === table && each.partition >= from && each.partition <= to)
      .map(({ partition, message, at }): RejectionFact => ({ day: partition, message, at }));
    gathered[table] = {
      ...(await partitionFacts(sources, plan, table, from, to)),
      rejections: within,
      watermark: watermarks.find((each) => each.table === table)?.through ?? null,
      deadlineMs: ms(arrival.deadline as ms.StringValue),
    };
  }
  return gathered;
}

async function partitionFacts(
  { stores, describeSketches }: FactSources,
  plan: ModelPlan,
  table: string,
  from: Day,
  to: Day,
): Promise<Pick<TableFacts, 'partitions' | 'columns' | 'checks'>> {
  const days = daysBetween(from, to).length;
  const [revisions, sketched, statistics, checks] = await Promise.all([
    stores.partitions.newest(dataOwner(plan), table, from, to),
    stores.partitionSketches.sketches(dataOwner(plan), table, from, to),
    stores.partitions.statistics(dataOwner(plan), table, addDays(to, 1), days),
    stores.checks.list(dataOwner(plan), { table, from, to }),
  ]);
  const nulls = new Map(statistics.map(({ partition, rows, columns }) => [partition, { rows, columns }]));
  const names = Object.keys(plan.tables[table]!.columns);
  const columns = names.flatMap((name) => {
    const kept = sketched.flatMap(({ sketches }) => sketches?.[name] ?? []);
    return kept.length === 0 ? [] : [[name, describeSketches(kept)] as const];
  });
  return {
    partitions: revisions.map(({ partition, rows, quarantinedRows, revision }) => {
      const shares = Object.entries(nulls.get(partition)?.columns ?? {}).map(
        ([name, column]) => [name, rows === 0 ? 0 : column.nulls / rows] as const,
      );
      return { day: partition, rows, quarantinedRows, revision, nullShares: Object.fromEntries(shares) };
    }),
    columns: Object.fromEntries(columns),
    checks: checks.map(({ partition, outcomes }) => ({ day: partition, outcomes })),
  };
}

async function viewFacts({ describeViews }: FactSources, model: string): Promise<Record<string, ViewFacts>> {
  const views = await describeViews(model);
  return Object.fromEntries(
    views.map(({ name, version, daysStored, rows, sharedWith }) => [
      name,
      { version, daysStored, rowsStored: rows, sharedWith },
    ]),
  );
}

async function championOf({ stores }: FactSources, model: string): Promise<DataFacts['champion']> {
  const { version } = await stores.registry.champion(model);
  if (version === null) return null;
  const { contender } = await stores.registry.load(model, version);
  return { version, contender };
}
