// The rest of a contract: columns that come, go and change, local times, waived rules, assumptions, and many rows.
import { join } from 'node:path';
import { checkPartition } from '../../../src/data/check/check-partition';
import { NO_SURROUNDINGS, type CheckRequest, type CheckSurroundings } from '../../../src/data/check/check-request';
import { typeChange } from '../../../src/data/check/source-types';
import type { Engine } from '../../../src/data/engine';
import { checkSteps, contractOf } from '../../../src/domain/data/contracts';
import { ModelPlan, TablePlan } from '../../../src/domain/plan/plan';
import { newDir, TINY_INPUT, workbench } from './tiny-model';
import { BASE, checkTrips, DAY, trips, type CheckOptions } from './trips';

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

const told = async (table: Readonly<Record<string, unknown>>, rows = trips(), options?: CheckOptions) => {
  const result = await checkTrips({ engine, dir }, rows, table, options);
  return result.verdict === 'rejected' ? result.message : result.warnings.join('\n');
};

describe('a column that the contract does not use', () => {
  const { note: _, ...columns } = BASE.columns;

  it('is ignored, warned of or refused, as the contract says', async () => {
    expect(await told({ columns })).toBe('');
    const sentence =
      'trips.csv line 1: the contract uses no column "note" (found: note; allowed: only columns that the contract uses)';
    expect(await told({ columns, extraColumns: 'warn' })).toBe(
      `trips.csv, partition ${DAY} of table trips: ${sentence}`,
    );
    expect(await told({ columns, extraColumns: 'fail' })).toBe(sentence);
    const used = { ...columns, remark: { type: 'string', sql: 'upper(note)' } };
    expect(await told({ columns: used, extraColumns: 'fail' })).toBe('');
  });
});

describe('a type of the source', () => {
  const contract = TablePlan.parse({
    source: { format: 'parquet', path: 'x-{yyyy}-{MM}-{dd}.parquet' },
    availableAt: 'D 00:00',
    key: ['id'],
    columns: { id: { type: 'string' }, n: { type: 'integer' } },
  });
  const typed = async (type: string, sourceTypes: CheckSurroundings['sourceTypes']) => {
    const outDir = newDir(dir);
    const rawPath = join(outDir, 'raw.parquet');
    await engine.run(
      `COPY (SELECT 1::BIGINT AS __line, 'a' AS id, '7' AS n) TO '${rawPath}' (FORMAT parquet, KV_METADATA {source_types: '{"id":"VARCHAR","n":"${type}"}'})`,
    );
    const request = { table: 'x', plan: contract, partition: DAY, rawPath, fileName: 'x.parquet', recent: [], outDir };
    return checkPartition(engine, { ...request, surroundings: { ...NO_SURROUNDINGS, sourceTypes } });
  };

  it('that became wider is accepted and told; a narrower one rejects the partition', async () => {
    const before = { partition: '2013-01-04', types: { id: 'VARCHAR', n: 'INTEGER' } };
    const first = await typed('INTEGER', null);
    expect(first).toMatchObject({ verdict: 'accepted', sourceTypes: before.types });
    const wider = await typed('BIGINT', before);
    expect(wider.verdict).toBe('accepted');
    expect(wider.outcomes).toContainEqual({
      check: 'n_source_type',
      kind: 'schema',
      verdict: 'passed',
      found: 'widened from INTEGER to BIGINT',
      allowed: 'INTEGER or wider',
    });
    expect(await typed('SMALLINT', before)).toMatchObject({
      verdict: 'rejected',
      rule: 'n_source_type',
      message:
        'x.parquet: column n has a narrower type than on 2013-01-04 (found: SMALLINT; allowed: INTEGER or wider)',
    });
  });

  it.each([
    ['INTEGER', 'BIGINT', 'widened'],
    ['UINTEGER', 'BIGINT', 'widened'],
    ['INTEGER', 'UBIGINT', 'narrowed'],
    ['INTEGER', 'DOUBLE', 'widened'],
    ['BIGINT', 'DOUBLE', 'narrowed'],
    ['FLOAT', 'DOUBLE', 'widened'],
    ['DOUBLE', 'FLOAT', 'narrowed'],
    ['DATE', 'TIMESTAMP', 'widened'],
    ['TIMESTAMP', 'DATE', 'narrowed'],
    ['DECIMAL(10,2)', 'DECIMAL(12,2)', 'widened'],
    ['DECIMAL(10,2)', 'DECIMAL(10,4)', 'narrowed'],
    ['INTEGER', 'DECIMAL(18,4)', 'widened'],
    ['BOOLEAN', 'VARCHAR', 'widened'],
    ['VARCHAR', 'INTEGER', 'narrowed'],
    ['DATE', 'DATE', 'same'],
  ])('from %s to %s is %s', (before, now, change) => expect(typeChange(before, now)).toBe(change));
});

describe('a local time', () => {
  it('is stored as UTC, by its own offset where it has one', async () => {
    const times = ['2013-01-05 10:00:00', '2013-01-05T10:00:00+01:00', '2013-01-05 10:00:00Z', '2013-11-03 01:30:00'];
    const rows = trips(([id, depot, minutes, note], i) => [id, depot, minutes, note, times[i]!], times.length);
    const result = await checkTrips({ engine, dir }, rows);
    if (result.verdict === 'rejected') throw new Error(result.message);
    const stored = await engine.rows('SELECT left_at FROM read_parquet($1) ORDER BY id', [result.dataPath]);
    expect(stored.map((row) => (row['left_at'] as Date).toISOString())).toEqual([
      '2013-01-05T15:00:00.000Z',
      '2013-01-05T09:00:00.000Z',
      '2013-01-05T10:00:00.000Z',
      '2013-11-03T06:30:00.000Z',
    ]);
  });
});

describe('a waived rule', () => {
  it('lets in rows that break only it; a type never is', async () => {
    const rows = trips(([id, depot, minutes, note, at], i) => [
      id,
      depot,
      i === 0 ? 999 : i === 1 ? 'x' : minutes,
      note,
      at,
    ]);
    const columns = { ...BASE.columns, minutes: { type: 'number', max: 100 } };
    const table = { columns, partitionRules: { maxQuarantineShare: 0.5 } };
    const waivedRules = ['minutes_range', 'minutes_type', 'key'];
    expect(await checkTrips({ engine, dir }, rows, table)).toMatchObject({ rows: 38, quarantinedRows: 2 });
    const result = await checkTrips({ engine, dir }, rows, table, { waivedRules });
    expect(result).toMatchObject({ rows: 39, quarantinedRows: 1 });
    expect(result.outcomes.find(({ check }) => check === 'minutes_range')).toMatchObject({ verdict: 'passed' });
  });
});

describe('an assumption', () => {
  const assume = (check: object, more: object = {}) => ({ assumptions: [{ name: 'steady', check, ...more }] });
  const HEAD = `trips.csv, partition ${DAY} of table trips: assumption steady`;

  it('in SQL holds within its bounds, and has to give one number', async () => {
    const sql = 'SELECT avg(minutes) FROM rows';
    expect(await told(assume({ test: 'sql', sql, min: 39, max: 40 }))).toBe('');
    expect(await told(assume({ test: 'sql', sql, max: 30 }, { description: 'trips are short' }))).toBe(
      `${HEAD} does not hold: trips are short (found: 39.5; allowed: at most 30)`,
    );
    expect(
      await told(assume({ test: 'sql', sql: 'SELECT max(minutes) FROM rows WHERE id = ?', max: 1 })).catch(String),
    ).toMatch(/MODEL_CODE_FAILED|table trips, assumption steady/);
    await expect(told(assume({ test: 'sql', sql: 'SELECT id FROM rows', max: 1 }))).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message: 'table trips, assumption steady: the SQL has to give one number (found: 40 rows of 1 values, first t0)',
    });
  });

  it('of normality is rejected by a heavy tail', async () => {
    const rows = trips(([id, depot, , note, at], i) => [id, depot, i === 0 ? 1e6 : i, note, at]);
    expect(await told(assume({ test: 'normal', column: 'minutes' }))).toBe('');
    expect(await told(assume({ test: 'normal', column: 'minutes' }, { consequence: 'reject' }), rows)).toMatch(
      /^trips.csv, .*: assumption steady does not hold \(found: Jarque–Bera \d+, p 0 in minutes; allowed: p at least 0.01\)$/,
    );
  });

  it('of the same distribution compares with the days before the window', async () => {
    const file = async (day: string, add: number) => {
      const path = join(newDir(dir), 'data.parquet');
      await engine.run(
        `COPY (SELECT 't' || i AS id, (20 + i + ${add})::DOUBLE AS minutes FROM range(40) t(i)) TO '${path}' (FORMAT parquet)`,
      );
      return { partition: day, path };
    };
    const check = { test: 'same-distribution', column: 'minutes', referenceDays: 2 };
    const alike = [await file('2013-01-02', 500), await file('2013-01-03', 0), await file('2013-01-04', 1)];
    expect(await told(assume(check), trips(), { surroundings: { earlier: alike } })).toBe('');
    const other = [await file('2013-01-03', 500), await file('2013-01-04', 500)];
    expect(await told(assume(check), trips(), { surroundings: { earlier: other } })).toMatch(
      /assumption steady does not hold \(found: Kolmogorov–Smirnov 1, p [^ ]+ in minutes; allowed: p at least 0.001 against the 2 days before\)$/,
    );
    expect(await told(assume(check))).toBe('');
  });
});

describe('a partition of many rows', () => {
  it('is checked as a small one is, through a scratch file', async () => {
    const check = async (rows: number): Promise<[CheckRequest, Awaited<ReturnType<typeof checkPartition>>]> => {
      const outDir = newDir(dir);
      const rawPath = join(outDir, 'raw.parquet');
      await engine.run(`
        COPY (SELECT (i + 2)::BIGINT AS __line, CASE WHEN i = 77 THEN 'e5' ELSE 'e' || i END AS id, (i % 100)::VARCHAR AS n FROM range(${rows}) t(i))
        TO '${rawPath}' (FORMAT parquet)`);
      const plan = TablePlan.parse({
        source: { format: 'csv', path: 'x-{yyyy}-{MM}-{dd}.csv' },
        availableAt: 'D 00:00',
        key: ['id'],
        columns: { id: { type: 'string' }, n: { type: 'integer', max: 98 } },
      });
      const request = { table: 'x', plan, partition: DAY, rawPath, fileName: 'x.csv', recent: [], outDir };
      return [request, await checkPartition(engine, request)];
    };
    const [, result] = await check(600_000);
    expect(result).toMatchObject({ verdict: 'accepted', rows: 593_999, quarantinedRows: 6001 });
    if (result.verdict === 'rejected') return;
    expect(result.quarantined.map(({ rule, rows, samples }) => [rule, rows, samples[0]])).toEqual([
      ['n_range', 6000, 'x.csv line 101, column n: found 99, allowed at most 98'],
      ['key', 1, 'x.csv line 79, key id: found e5, allowed each key once'],
    ]);
    expect(result.statistics['n']).toMatchObject({ min: 0, max: 98, p50: 49 });
  });
});

describe('a contract', () => {
  const planOf = (table: object, other: object = {}) =>
    ModelPlan.parse({
      ...TINY_INPUT,
      ...other,
      tables: { ...TINY_INPUT.tables, traffic: { ...TINY_INPUT.tables['traffic'], ...table } },
    });

  it('is the same whenever a table is available and however long it is waited for', () => {
    const changed = planOf({ availableAt: 'D+2 00:00', arrival: { deadline: '3 h' } });
    expect(contractOf(changed, 'traffic')).toEqual(contractOf(planOf({}), 'traffic'));
    expect(contractOf(planOf({ key: ['depot'] }), 'traffic')).not.toEqual(contractOf(planOf({}), 'traffic'));
  });

  it('comes after those of the tables that it refers to', () => {
    const columns = {
      depot: { type: 'string', references: { table: 'deliveries', column: 'depot' } },
      seen_at: { type: 'timestamp' },
    };
    expect(checkSteps(planOf({}))).toEqual([['parcels', 'deliveries', 'traffic']]);
    expect(checkSteps(planOf({ columns }))).toEqual([['parcels', 'deliveries'], ['traffic']]);
  });
});

it('names the file of each row where a delivery has several', async () => {
  const outDir = newDir(dir);
  const rawPath = join(outDir, 'raw.parquet');
  await engine.run(`
    COPY (SELECT 2::BIGINT AS __line, 'part-' || i || '.csv' AS __file, 'e' || i AS id, CASE i WHEN 1 THEN 'x' ELSE '1' END AS n FROM range(40) t(i))
    TO '${rawPath}' (FORMAT parquet)`);
  const plan = TablePlan.parse({
    source: { format: 'csv', path: 'part-*-{yyyy}-{MM}-{dd}.csv' },
    availableAt: 'D 00:00',
    key: ['id'],
    columns: { id: { type: 'string' }, n: { type: 'integer' } },
  });
  const result = await checkPartition(engine, {
    table: 'x',
    plan,
    partition: DAY,
    rawPath,
    fileName: 'part-*.csv',
    recent: [],
    outDir,
  });
  expect(result).toMatchObject({
    quarantined: [{ samples: ['part-1.csv line 2, column n: found x, allowed an integer'] }],
  });
});
