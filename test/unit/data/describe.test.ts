// One pass over the rows finds what DuckDB's own aggregates find, and bounds what it keeps of texts.
import type { ColumnPlan } from '../../../src/domain/plan/plan';
import { COUNTED_VALUES } from '../../../src/data/describe/column-scan';
import { describeColumns } from '../../../src/data/describe/column-sketches';
import type { Engine } from '../../../src/data/engine';
import { workbench } from './tiny-model';

let engine: Engine;
let close: () => void;
beforeAll(async () => ({ engine, close } = await workbench()));
afterAll(() => close());

const column = (type: ColumnPlan['type']): ColumnPlan => ({ type, nullable: true, unseen: 'accept' });

it('gives the numbers of the aggregates of DuckDB', async () => {
  const relation = `(SELECT CASE WHEN i % 7 <> 0 THEN (hash(i) % 100003)::DOUBLE / 97 - 400 END AS x,
    TIMESTAMP '2013-01-01' + to_seconds(i * 1000) AS happened FROM range(5000) t(i))`;
  const [described, [expected]] = await engine.task((connection) =>
    Promise.all([
      describeColumns(connection, relation, { x: column('number'), happened: column('timestamp') }, { rows: 5000 }),
      connection.rows(`SELECT count(x) AS count, min(x) AS min, max(x) AS max, avg(x) AS mean, stddev_pop(x) AS deviation,
        quantile_cont(x, 0.1) AS p10, quantile_cont(x, 0.5) AS p50, quantile_cont(x, 0.9) AS p90, approx_count_distinct(x) AS about,
        count(DISTINCT time_bucket(INTERVAL 1 HOUR, happened)) AS hours FROM ${relation}`),
    ]),
  );
  const { nulls, distinct, ...numbers } = described.statistics['x']!;
  const { count, about, hours, ...aggregates } = expected!;
  expect(nulls).toBe(5000 - Number(count));
  expect(Math.abs(distinct / Number(about) - 1)).toBeLessThan(0.15);
  expect(Object.keys(numbers).sort()).toEqual(Object.keys(aggregates).sort());
  for (const [name, value] of Object.entries(aggregates))
    expect(numbers[name as keyof typeof numbers]).toBeCloseTo(Number(value), 9);
  expect(described.sketches['happened']!.numeric!.positive).toHaveLength(Number(hours));
});

it('orders equally frequent texts as UTF-8 does, also beyond the basic plane', async () => {
  const texts = ['b', '\u{1F600}', '\uFFFD', 'a', 'ab', '\uE000'];
  const values = texts.map((text) => `('${text}')`).join(', ');
  const [{ sketches }, sorted] = await engine.task((connection) =>
    Promise.all([
      describeColumns(connection, `(VALUES ${values}) v(word)`, { word: column('string') }, { rows: texts.length }),
      connection.rows(`SELECT word FROM (VALUES ${values}) v(word) ORDER BY word`),
    ]),
  );
  expect(sketches['word']!.top!.map(({ value }) => value)).toEqual(sorted.map((row) => row['word']));
});

it('finds the frequent ones among more different texts than it counts', async () => {
  const rows = COUNTED_VALUES + 100_000;
  const relation = `(SELECT CASE WHEN i % 5 = 0 THEN 'often' ELSE 'text ' || i END AS word FROM range(${rows}) t(i))`;
  const { sketches } = await engine.task((connection) =>
    describeColumns(connection, relation, { word: column('string') }, { rows }),
  );
  const { top, others, count } = sketches['word']!;
  expect(top![0]).toEqual({ value: 'often', count: rows / 5 });
  expect(count).toBe(rows);
  expect(others).toBe(rows - top!.reduce((sum, value) => sum + value.count, 0));
});
