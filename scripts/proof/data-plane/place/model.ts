// The model that the data plane is proven on: the tests' tiny one with a file per table and day, a few small days at the turn of a month, and
// contracts whose partition rules do not look at earlier partitions: what is accepted must not depend on the order in which days come.
import { join } from 'node:path';
import { loadDefinition } from '../../../../src/definition/catalog';
import { defineModel } from '../../../../src/definition/define-model';
import { featureView } from '../../../../src/definition/builders';
import type { Day } from '../../../../src/domain/days';
import type { ModelPlan } from '../../../../src/domain/plan/plan';

/** All days of the data; once the last one is there, February's feature files may be put together. */
export const DAYS: readonly Day[] = ['2013-02-27', '2013-02-28', '2013-03-01', '2013-03-02'];
/** Logical time of the cycles that fix a snapshot: the day after the last one. */
export const CYCLE_DAY: Day = '2013-03-03';
/** The tables, in the order in which a day is delivered from scratch. */
export const TABLES = ['orders', 'results'] as const;
/** One of {@link TABLES}. */
export type TableName = (typeof TABLES)[number];
/** All partitions are available by then. */
export const AS_OF = '2013-03-10T12:00:00.000Z';

/** One partition. */
export interface Partition {
  readonly table: TableName;
  readonly day: Day;
}

/** Every partition in day order. */
export const PARTITIONS: readonly Partition[] = DAYS.flatMap((day) => TABLES.map((table) => ({ table, day })));

/** How messages and maps call a partition. */
export function nameOf({ table, day }: Partition): string {
  return `${table}/${day}`;
}

/** Where the path template finds the file of a partition, relative to the model's folder. */
export function placedPath({ table, day }: Partition): string {
  return join('incoming', `${table}-${day}.csv`);
}

/** What may change in the middle of a life. */
export interface Edition {
  /** `strict` sets rows with a strange value aside, and rejects a file of which they are half; `lenient` accepts such values. */
  readonly contract: 'strict' | 'lenient';
  /** `second` computes `busy` another way and has no `trend`. */
  readonly views: 'first' | 'second';
}

/** What a model is deployed with first. */
export const FIRST_EDITION: Edition = { contract: 'strict', views: 'first' };

/** The rule that a strange value breaks. */
export const STRANGE_RULE: Readonly<Record<TableName, string>> = { orders: 'x1_range', results: 'delay_range' };

/** The plan, validated. */
export function dataPlanePlan(packageRoot: string, { contract, views }: Edition = FIRST_EDITION): ModelPlan {
  const tiny = loadDefinition(join(packageRoot, 'test', 'models'), 'tiny').plan;
  const { orders, results } = tiny.tables;
  const partitionRules = { minRows: 1, rowsAgainstRecent: { min: 0, max: 1_000_000 }, maxQuarantineShare: 0.3 };
  const widened = contract === 'lenient';
  const [x1, delay] = [orders!.columns['x1']!, results!.columns['delay']!];
  const columns = {
    orders: { ...orders!.columns, x1: widened ? { ...x1, max: 100 } : x1 },
    results: { ...results!.columns, delay: widened ? { ...delay, min: -10 } : delay },
  };
  return defineModel({
    ...tiny,
    name: 'arrivals',
    tables: {
      orders: { ...orders!, columns: columns.orders, source: sourceOf('orders'), partitionRules },
      results: { ...results!, columns: columns.results, source: sourceOf('results'), partitionRules },
    },
    features: [
      ...tiny.features,
      featureView({
        name: 'busy',
        reads: { orders: 2 },
        sql: `SELECT id, (SELECT ${views === 'first' ? 'count(*)' : 'count(*) + 1'} FROM orders
                WHERE partition_day < getvariable('logical_day')) AS earlier
              FROM orders WHERE partition_day = getvariable('logical_day')`,
        features: { earlier: 'number' },
      }),
      ...(views === 'first' ? [TREND] : []),
    ],
    snapshot: {
      ...tiny.snapshot,
      ...{ start: DAYS[0]!, end: DAYS.at(-1)!, holdoutDays: 2 },
      ...{ minTrainRows: 1, minHoldoutRows: 1, minTruthRows: 1 },
    },
    online: { enabled: true, keepDays: 1 },
    retention: { ...tiny.retention, compactAfterDays: 1 },
  }).plan;
}

const TREND = featureView({
  name: 'trend',
  reads: { orders: 0, past: 1 },
  sql: `SELECT o.id, avg(p.past_delay) AS trend FROM orders o LEFT JOIN past p ON p.available_at < o.leaves_at GROUP BY o.id`,
  features: { trend: 'number' },
});

function sourceOf(table: TableName) {
  return {
    format: 'csv',
    path: `incoming/${table}-{yyyy}-{MM}-{dd}.csv`,
    partitionBy: 'CAST(day AS DATE)',
  } as const;
}
