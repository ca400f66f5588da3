// A plan with every kind of table, and made-up facts of any size, for the tests of the page about a model's data.
import { ModelPlan, type ModelPlanInput } from '../../../src/domain/plan/plan';
import { daysBetween, type Day } from '../../../src/domain/days';
import type { DataFacts, TableFacts } from '../../../src/dashboard/document/facts';

const columns: ModelPlanInput['tables'][string]['columns'] = {
  id: { type: 'string' },
  at: { type: 'timestamp', zone: 'Europe/Berlin' },
  kind: { type: 'category', values: ['a', 'b'], unseen: 'warn' },
  size: { type: 'number', nullable: true, min: 0, max: 100, sql: 'CAST(raw_size AS DOUBLE)' },
};
const table = (source: ModelPlanInput['tables'][string]['source']): ModelPlanInput['tables'][string] => ({
  source,
  availableAt: 'D+1 06:30',
  columns,
  key: ['id'],
});

/** Five tables (two of one file), three views (one reads a view), two contenders. */
export function examplePlan(more: Partial<ModelPlanInput> = {}): ModelPlan {
  return ModelPlan.parse({
    name: 'parcels',
    task: 'binary',
    description: 'Does a parcel come late?',
    timeZone: 'Europe/Berlin',
    tables: {
      parcels: {
        ...table({ format: 'csv', path: 's3://bucket/{yyyy}/{MM}/{dd}.csv.gz', nullText: 'NA' }),
        arrival: { deadline: '2 hours', poll: '10 minutes' },
        rowRules: [{ name: 'small', sql: 'size < 50' }],
        partitionRules: {
          maxNullShare: { size: 0.1 },
          jump: { columns: ['size'], maxRatio: 3 },
          freshness: { column: 'at', within: '1 hour' },
          period: { column: 'at' },
          labelMirror: {},
        },
        assumptions: [
          { name: 'bell', check: { test: 'normal', column: 'size' }, overDays: 7, consequence: 'reject' },
          { name: 'ratio', check: { test: 'sql', sql: 'SELECT avg(size) FROM rows', min: 1, max: 9 } },
        ],
      },
      arrivals: table({ format: 'csv', path: 's3://bucket/{yyyy}/{MM}/{dd}.csv.gz' }),
      depots: table({ format: 'postgres', connection: 'SOURCE_DEPOTS', query: 'SELECT * FROM depots WHERE at >= $1' }),
      scans: table({ format: 'push', eventTime: 'at' }),
      weather: table({ format: 'hook', module: 'weather.ts' }),
    },
    entity: { table: 'parcels', key: 'id', eventTime: 'at' },
    label: { table: 'arrivals', sql: 'size > 3' },
    features: [
      { name: 'basics', reads: { parcels: 0 }, sql: 'SELECT id, size FROM parcels', features: { size: 'number' } },
      {
        name: 'past',
        reads: { parcels: 0, arrivals: 7 },
        sql: 'SELECT id, 1 AS n FROM parcels',
        features: { n: 'number' },
      },
      {
        name: 'both',
        reads: { parcels: 0, past: 3 },
        sql: 'SELECT id, 2 AS m FROM parcels',
        features: { m: 'number' },
      },
    ],
    contenders: { trees: { trainer: 'lightgbm' }, line: { trainer: 'logistic' } },
    snapshot: { start: '2026-01-01' },
    ...more,
  });
}

/** Nothing stored. */
export const NO_FACTS: TableFacts = {
  ...{ partitions: [], rejections: [], checks: [], columns: {}, watermark: null, deadlineMs: 0 },
};

/** Facts of the example, the same for all tables. */
export function exampleFacts(from: Day, to: Day, tables: Readonly<Record<string, TableFacts>>): DataFacts {
  return {
    definitionDigest: 'a'.repeat(64),
    codeCommit: 'b'.repeat(40),
    clock: 'wall',
    madeAt: '2026-12-31T12:00:00.000Z',
    asOf: '2026-12-31T12:00:00.000Z',
    ...{ from, to, tables },
    champion: { version: 3, contender: 'trees' },
    views: { past: { version: 2, daysStored: 9, rowsStored: 900, sharedWith: ['returns'] } },
  };
}

/** Every kind of day, over and over, with numbers for each column. */
export function busyTable(from: Day, to: Day): TableFacts {
  const days = daysBetween(from, to);
  const kept = days.filter((_, index) => index % 13 !== 7 && index % 17 !== 3);
  return {
    partitions: kept.map((day, index) => ({
      day,
      rows: 1000 + ((index * 37) % 211),
      quarantinedRows: index % 5 === 0 ? 1 + (index % 20) : 0,
      revision: index % 11 === 0 ? 2 : 1,
      nullShares: { id: 0, size: (index % 9) / 100, kind: index % 4 === 0 ? 0.25 : 0 },
    })),
    rejections: days
      .filter((_, index) => index % 13 === 7)
      .map((day) => ({
        day,
        message: `Of ${day}: found 3 rows, allowed are 200 or more.`,
        at: `${day}T09:00:00.000Z`,
      })),
    checks: kept.map((day, index) => ({
      day,
      outcomes: [
        { check: 'minRows', kind: 'partition', verdict: 'passed', found: '1000', allowed: '1 or more' },
        index % 5 === 0
          ? {
              check: 'small',
              kind: 'row',
              verdict: 'quarantined',
              found: `size ${50 + index}`,
              allowed: 'size < 50',
              rows: 2,
            }
          : { check: 'small', kind: 'row', verdict: 'passed', found: '0 rows', allowed: 'size < 50', rows: 0 },
      ],
    })),
    columns: {
      id: { count: 9000, nulls: 0, distinct: 8990.4, top: [{ value: 'x', count: 2 }] },
      at: {
        count: 9000,
        nulls: 0,
        distinct: 800,
        min: Date.parse(`${from}T00:00:00Z`),
        max: Date.parse(`${to}T00:00:00Z`),
      },
      size: {
        ...{ count: 8700, nulls: 300, distinct: 4000, min: 0.125, max: 99, mean: 31.41593, deviation: 12.5 },
        quantiles: { p10: 4, p50: 30, p90: 81 },
        histogram: [4, 9, 0, 2].map((count, index) => ({ from: index * 25, to: index * 25 + 25, count })),
      },
    },
    watermark: '2026-01-03',
    deadlineMs: 7_200_000,
  };
}
