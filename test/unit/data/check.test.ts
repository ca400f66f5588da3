// Checking a day against its contract: typed rows, quarantine with reasons, and days that are rejected as a whole.
import type { Engine } from '../../../src/data/engine';
import type { RecentPartition } from '../../../src/data/check/check-request';
import { ModelPlan } from '../../../src/domain/plan/plan';
import { TINY, TINY_INPUT, deliver, sha256, workbench } from './tiny-model';

const DAY = '2013-01-05';
const HEADER = 'day,id,depot,delay';

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

function row(id: string, depot: string, delay: string | number): string {
  return `${DAY},${id},${depot},${delay}`;
}

const good = Array.from({ length: 20 }, (_, i) => row(`p${i}`, 'north', i - 5));

function recent(rows: number, p10: number, p90: number): RecentPartition[] {
  const columns = { delay: { nulls: 0, distinct: 9, p10, p90 } };
  return ['2013-01-02', '2013-01-03', '2013-01-04'].map((partition) => ({ partition, rows, columns }));
}

describe('an accepted partition', () => {
  it('has typed rows sorted by key, and statistics of them', async () => {
    const result = await deliver(engine, dir, 'deliveries', DAY, [
      HEADER,
      row('p2', 'b', 'NA'),
      row('p1', 'a', '7'),
      row('p3', 'a', '-2'),
    ]);
    if (result.verdict !== 'accepted') throw new Error(result.message);
    expect(await engine.rows('SELECT * FROM read_parquet($1)', [result.dataPath])).toEqual([
      { id: 'p1', depot: 'a', delay: 7 },
      { id: 'p2', depot: 'b', delay: null },
      { id: 'p3', depot: 'a', delay: -2 },
    ]);
    expect(result).toMatchObject({ rows: 3, quarantinedRows: 0, quarantined: [], quarantinePath: null });
    expect(result.statistics['depot']).toEqual({
      nulls: 0,
      distinct: 2,
      top: [
        { value: 'a', count: 2 },
        { value: 'b', count: 1 },
      ],
    });
    expect(result.statistics['delay']).toMatchObject({
      nulls: 1,
      distinct: 2,
      min: -2,
      max: 7,
      mean: 2.5,
      deviation: 4.5,
      p50: 2.5,
    });
    expect(result.statistics['delay']!.p90).toBeCloseTo(6.1, 12);
  });

  it('has equal bytes for equal rows in another order', async () => {
    const one = await deliver(engine, dir, 'deliveries', DAY, [HEADER, ...good]);
    const other = await deliver(engine, dir, 'deliveries', DAY, [HEADER, ...[...good].reverse()]);
    if (one.verdict !== 'accepted' || other.verdict !== 'accepted') throw new Error('rejected');
    expect(sha256(one.dataPath)).toBe(sha256(other.dataPath));
  });

  it('reads instants with an offset as UTC', async () => {
    const lines = [
      'day,id,depot,weight,leaves_at',
      `${DAY},p1,north,1,2013-01-05T23:30:00-05:00`,
      `${DAY},p2,north,1,2013-01-06T04:30:00Z`,
    ];
    const result = await deliver(engine, dir, 'parcels', DAY, lines);
    if (result.verdict !== 'accepted') throw new Error(result.message);
    const rows = await engine.rows('SELECT leaves_at FROM read_parquet($1)', [result.dataPath]);
    expect(rows.map((r) => (r['leaves_at'] as Date).toISOString())).toEqual(Array(2).fill('2013-01-06T04:30:00.000Z'));
  });

  it('may be empty where the contract allows no rows', async () => {
    const plan = ModelPlan.parse({
      ...TINY_INPUT,
      tables: {
        ...TINY_INPUT.tables,
        deliveries: { ...TINY_INPUT.tables['deliveries']!, partitionRules: { minRows: 0 } },
      },
    });
    const result = await deliver(engine, dir, 'deliveries', DAY, [HEADER], { plan });
    if (result.verdict !== 'accepted') throw new Error(result.message);
    expect(result.rows).toBe(0);
    expect(await engine.columns(`SELECT * FROM read_parquet('${result.dataPath}')`)).toEqual([
      { name: 'id', type: 'VARCHAR' },
      { name: 'depot', type: 'VARCHAR' },
      { name: 'delay', type: 'BIGINT' },
    ]);
  });
});

describe('quarantine', () => {
  it('takes each bad row under the first rule that it breaks, with line, column, found and allowed', async () => {
    const bad = [
      row('p1', 'north', '5.5'),
      row('p1', 'NA', '5'),
      row('p1', 'north', '2000'),
      row('x1', 'north', '5'),
      row('p101', 'test', '5'),
      row('p3', 'north', '8'),
    ];
    const result = await deliver(engine, dir, 'deliveries', DAY, [HEADER, ...good, ...bad]);
    if (result.verdict !== 'accepted') throw new Error(result.message);
    expect(result).toMatchObject({ rows: 20, quarantinedRows: 6 });
    const samples = Object.fromEntries(result.quarantined.map((summary) => [summary.rule, summary.samples]));
    expect(samples).toEqual({
      delay_type: ['deliveries.csv line 22, column delay: found 5.5, allowed an integer'],
      depot_null: ['deliveries.csv line 23, column depot: found no value, allowed a value in every row'],
      delay_range: ['deliveries.csv line 24, column delay: found 2000, allowed -100 to 1000'],
      id_pattern: ['deliveries.csv line 25, column id: found x1, allowed text like p[0-9]+'],
      no_test_depot: ["deliveries.csv line 26, row: found p101, allowed rows for which depot <> 'test'"],
      key: ['deliveries.csv line 27, key id: found p3, allowed each key once'],
    });
    const kept = await engine.rows('SELECT rule, __line, id FROM read_parquet($1) ORDER BY __line LIMIT 2', [
      result.quarantinePath!,
    ]);
    expect(kept).toEqual([
      { rule: 'delay_type', __line: 22, id: 'p1' },
      { rule: 'depot_null', __line: 23, id: 'p1' },
    ]);
  });

  it('takes values outside the list, and numbers that are not finite', async () => {
    const lines = [
      'day,id,depot,weight,leaves_at',
      ...['north,1', 'south,inf', 'west,NaN', 'east,1'].map((v, i) => `${DAY},p${i},${v},2013-01-05T12:00:00Z`),
    ];
    const result = await deliver(engine, dir, 'parcels', DAY, lines);
    expect(result).toMatchObject({ verdict: 'rejected', rule: 'maxQuarantineShare' });
    expect(result).toMatchObject({
      message:
        'parcels.csv, partition 2013-01-05 of table parcels: too many bad rows (found: 3 of 4, 75.0 %; allowed: 5.0 %; first by weight_type: parcels.csv line 3, column weight: found inf, allowed a finite number)',
    });
  });
});

describe('a rejected partition', () => {
  async function rejection(lines: readonly string[], earlier: readonly RecentPartition[] = []) {
    const result = await deliver(engine, dir, 'deliveries', DAY, [HEADER, ...lines], { recent: earlier });
    return result.verdict === 'rejected'
      ? {
          rule: result.rule,
          message: result.message.replace(/^deliveries.csv, partition 2013-01-05 of table deliveries: /, ''),
        }
      : 'accepted';
  }

  it('has no rows', async () => {
    expect(await rejection([])).toEqual({ rule: 'minRows', message: 'too few rows (found: 0; allowed: at least 1)' });
  });

  it('has far fewer or more rows than recent ones, when there are at least three of them', async () => {
    const message =
      'unusual number of rows (found: 20; allowed: 200 to 5000, from 1000 in the median of 3 recent partitions)';
    expect(await rejection(good, recent(1000, 0, 10))).toEqual({ rule: 'rowsAgainstRecent', message });
    expect(await rejection(good, recent(1000, 0, 10).slice(1))).toBe('accepted');
    expect(await rejection(good, recent(21, 0, 10))).toBe('accepted');
  });

  it('lacks too many values of a column', async () => {
    const lines = Array.from({ length: 10 }, (_, i) => row(`p${i}`, 'north', i < 6 ? 'NA' : 1));
    expect(await rejection(lines)).toEqual({
      rule: 'maxNullShare',
      message: 'column delay: too many missing values (found: 60.0 %; allowed: 50.0 %)',
    });
  });

  it('spreads its values many times as wide or as narrow as recent ones', async () => {
    const message =
      'column delay: the spread p90 - p10 jumped; was the unit changed? (found: 15.2; allowed: 0.3333 to 12, from 2 in recent partitions)';
    expect(await rejection(good, recent(20, 0, 2))).toEqual({ rule: 'jump', message });
    expect(await rejection(good, recent(20, 0, 600))).toMatchObject({ rule: 'jump' });
    expect(await rejection(good, recent(20, 0, 20))).toBe('accepted');
  });

  it('lacks a column; the likely new name is given', async () => {
    const result = await deliver(engine, dir, 'deliveries', DAY, ['day,id,depot,delay_minutes', row('p1', 'north', 1)]);
    expect(result).toMatchObject({
      verdict: 'rejected',
      rule: 'columns',
      message:
        'deliveries.csv line 1: column "delay" is missing (renamed to "delay_minutes"?) (found: day, id, depot, delay_minutes; allowed: every column of the contract)',
    });
  });
});

describe('SQL of a contract', () => {
  const withColumn = (sql: string) => {
    const deliveries = TINY_INPUT.tables['deliveries']!;
    return ModelPlan.parse({
      ...TINY_INPUT,
      tables: {
        ...TINY_INPUT.tables,
        deliveries: {
          ...deliveries,
          columns: { ...deliveries.columns, twice: { type: 'integer', nullable: true, sql } },
        },
      },
    });
  };

  it('derives columns out of the raw text; a row for which it fails has no value', async () => {
    const plan = withColumn('2 * CAST(delay AS INTEGER)');
    const result = await deliver(engine, dir, 'deliveries', DAY, [HEADER, row('p1', 'a', 4), row('p2', 'a', 'NA')], {
      plan,
    });
    if (result.verdict !== 'accepted') throw new Error(result.message);
    expect(await engine.rows('SELECT twice FROM read_parquet($1)', [result.dataPath])).toEqual([
      { twice: 8 },
      { twice: null },
    ]);
  });

  it('that does not parse names table and column, and that asks for a column which the file lacks rejects the file', async () => {
    const broken = deliver(engine, dir, 'deliveries', DAY, [HEADER, ...good], {
      plan: withColumn('no_such_function(delay)'),
    });
    await expect(broken).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message: expect.stringMatching(/^table deliveries, column twice: Catalog Error: /) as unknown,
    });
    const renamed = await deliver(engine, dir, 'deliveries', DAY, [HEADER, ...good], { plan: withColumn('dey') });
    expect(renamed).toMatchObject({
      verdict: 'rejected',
      rule: 'columns',
      message: expect.stringContaining('column "dey" is missing (renamed to "day"?)') as unknown,
    });
  });

  it('of a row rule that fails names table and rule', async () => {
    const deliveries = { ...TINY_INPUT.tables['deliveries']!, rowRules: [{ name: 'odd', sql: 'nothing > 1' }] };
    const plan = ModelPlan.parse({ ...TINY_INPUT, tables: { ...TINY_INPUT.tables, deliveries } });
    await expect(deliver(engine, dir, 'deliveries', DAY, [HEADER, ...good], { plan })).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message: 'table deliveries, rule odd: Binder Error: Referenced column "nothing" not found in FROM clause!',
    });
    expect(TINY.name).toBe('parcels');
  });
});
