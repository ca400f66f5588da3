// The model that the data plane is proven on: the tests' tiny one with a file per table and day, a few small days, and a contract whose
// partition rules do not look at earlier partitions: what is accepted must not depend on the order in which days come.
import { join } from 'node:path';
import { loadDefinition } from '../../../src/definition/catalog';
import { defineModel } from '../../../src/definition/define-model';
import { featureView } from '../../../src/definition/builders';
import type { Day } from '../../../src/domain/days';
import type { ModelPlan } from '../../../src/domain/plan';

/** All days of the data. */
export const DAYS: readonly Day[] = ['2013-02-20', '2013-02-21', '2013-02-22', '2013-02-23'];
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

/** The plan, validated. */
export function dataPlanePlan(packageRoot: string): ModelPlan {
  const tiny = loadDefinition(join(packageRoot, 'test', 'models'), 'tiny').plan;
  const { orders, results } = tiny.tables;
  const rules = { minRows: 1, rowsAgainstRecent: { min: 0, max: 1_000_000 }, maxQuarantineShare: 0.3 };
  return defineModel({
    ...tiny,
    name: 'arrivals',
    tables: {
      orders: { ...orders!, source: sourceOf('orders'), partitionRules: rules },
      results: { ...results!, source: sourceOf('results'), partitionRules: rules },
    },
    features: [
      ...tiny.features,
      featureView({
        name: 'busy',
        reads: { orders: 2 },
        sql: `SELECT id, (SELECT count(*) FROM orders WHERE partition_day < getvariable('logical_day')) AS earlier
              FROM orders WHERE partition_day = getvariable('logical_day')`,
        features: { earlier: 'number' },
      }),
      featureView({
        name: 'trend',
        reads: { orders: 0, past: 1 },
        sql: `SELECT o.id, avg(p.past_delay) AS trend FROM orders o LEFT JOIN past p ON p.available_at < o.leaves_at GROUP BY o.id`,
        features: { trend: 'number' },
      }),
    ],
    snapshot: { ...tiny.snapshot, start: DAYS[0]!, end: DAYS.at(-1)! },
  }).plan;
}

function sourceOf(table: TableName) {
  return {
    format: 'csv',
    path: `incoming/${table}-{yyyy}-{MM}-{dd}.csv`,
    partitionBy: 'CAST(day AS DATE)',
  } as const;
}
