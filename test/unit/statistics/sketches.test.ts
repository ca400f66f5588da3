// Mergeable statistics: the merge of parts equals the sketch of all rows, in any order and grouping, and its numbers are as exact as promised.
import fc from 'fast-check';
import type { ColumnSketch } from '../../../src/domain/data/partitions';
import type { ColumnPlan } from '../../../src/domain/plan/plan';
import { describeColumns } from '../../../src/data/describe/column-sketches';
import type { Engine } from '../../../src/data/engine';
import { describeSketch, EMPTY_SKETCH, mergeSketches } from '../../../src/statistics/sketches';
import { psiOfSketches } from '../../../src/statistics/drift/sketches/sketch-psi';
import { relativeDifference } from './closeness';
import { workbench } from '../data/tiny-model';

let engine: Engine;
let close: () => void;
beforeAll(async () => ({ engine, close } = await workbench()));
afterAll(() => close());

const COLUMNS: Record<'x' | 'word' | 'at', ColumnPlan> = {
  x: { type: 'number', nullable: true, unseen: 'accept' },
  word: { type: 'string', nullable: true, unseen: 'accept' },
  at: { type: 'timestamp', nullable: true, unseen: 'accept' },
};
type Value = number | null;

/** Sketches of a part: its numbers, a word and an instant for each. */
async function sketch(values: readonly Value[]): Promise<Readonly<Record<keyof typeof COLUMNS, ColumnSketch>>> {
  const rows = values.map((value) => `(${value === null ? 'NULL' : `${value}::DOUBLE`})`).join(', ');
  const source = rows === '' ? '(SELECT NULL::DOUBLE AS x LIMIT 0)' : `(VALUES ${rows}) v(x)`;
  const relation = `(SELECT x, 'w' || (abs(x)::BIGINT % 30) AS word, TIMESTAMP '2013-01-01' + to_seconds(x * 100) AS at FROM ${source})`;
  return engine.task(async (connection) => {
    const { sketches } = await describeColumns(connection, relation, COLUMNS, { rows: values.length });
    return sketches;
  });
}

/** Equal but for the last digits of the moments. */
function expectSame(a: ColumnSketch, b: ColumnSketch): void {
  const counts = ({ numeric, ...rest }: ColumnSketch) => ({
    ...rest,
    numeric: numeric && { ...numeric, mean: 0, m2: 0 },
  });
  expect(counts(a)).toEqual(counts(b));
  if (!a.numeric || !b.numeric) return;
  const scale = Math.max(Math.abs(a.numeric.min), Math.abs(a.numeric.max), 1e-100);
  expect(Math.abs(a.numeric.mean - b.numeric.mean) / scale).toBeLessThan(1e-9);
  expect(Math.abs(a.numeric.m2 - b.numeric.m2) / (scale * scale * Math.max(1, a.count))).toBeLessThan(1e-9);
}

const numbers = fc.array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { freq: 8 }), { maxLength: 40 });

describe('a merge of sketches', () => {
  it('equals the sketch of all rows, in any order and grouping', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, numbers, async (a, b, c) => {
        const [first, second, third, all] = await Promise.all([a, b, c, [...a, ...b, ...c]].map(sketch));
        for (const column of ['x', 'word', 'at'] as const) {
          const [p, q, r] = [first![column], second![column], third![column]];
          const merged = mergeSketches([p, q, r]);
          expectSame(merged, all![column]);
          expectSame(mergeSketches([r, q, p]), merged);
          expectSame(mergeSketches([mergeSketches([p, q]), r]), merged);
          expectSame(mergeSketches([p, mergeSketches([q, r])]), merged);
          expectSame(mergeSketches([merged, EMPTY_SKETCH]), merged);
        }
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('survives JSON', async () => {
    const { x } = await sketch([1, 2, null]);
    expect(describeSketch(JSON.parse(JSON.stringify(x)) as ColumnSketch)).toEqual(describeSketch(x));
  });
});

describe('a description', () => {
  it('has quantiles within 1 % of the value of their rank, and exact bounds and moments', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 200 }),
        async (values) => {
          const { x } = await sketch(values);
          const described = describeSketch(x);
          const sorted = [...values].sort((a, b) => a - b);
          for (const [name, found] of Object.entries(described.quantiles!)) {
            const exact = sorted[Math.floor((Number(name.slice(1)) / 100) * (sorted.length - 1))]!;
            expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.01 * Math.abs(exact) * (1 + 1e-9));
          }
          const mean = values.reduce((sum, value) => sum + value / values.length, 0);
          const scale = Math.max(...values.map(Math.abs), 1e-100);
          const deviation = Math.sqrt(
            values.reduce((sum, value) => sum + ((value - mean) / scale) ** 2 / values.length, 0),
          );
          expect({ min: described.min, max: described.max }).toEqual({ min: sorted[0], max: sorted.at(-1) });
          expect(Math.abs(described.mean! - mean) / scale).toBeLessThan(1e-9);
          expect(Math.abs(described.deviation! / scale - deviation)).toBeLessThan(1e-7);
          expect(described.histogram!.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        },
      ),
      { numRuns: 25, seed: 4 },
    );
  });

  it('estimates different values within three standard errors', async () => {
    for (const n of [1, 10, 100, 1000, 20_000, 300_000]) {
      const estimates = await engine.task(async (connection) => {
        const relation = `(SELECT 'v' || i AS word, i * 0.37 AS x, TIMESTAMP '2013-01-01' + to_seconds(i) AS at FROM range(${n}) t(i))`;
        const { sketches } = await describeColumns(connection, relation, COLUMNS, { rows: n });
        return Object.values(sketches).map((each) => describeSketch({ ...each, count: 1e9, others: 1 }).distinct);
      });
      for (const estimate of estimates) expect(relativeDifference(estimate, n)).toBeLessThan(3 * 0.0325);
    }
  });

  it('tells instants of a day within half an hour, and of decades within a few hours', async () => {
    const seconds = Array.from({ length: 200 }, (_, i) => i * 4);
    const { at } = await sketch(seconds);
    const { quantiles } = describeSketch(at);
    expect(Math.abs(quantiles!.p50! - (Date.parse('2013-01-01') + 99 * 400 * 1000))).toBeLessThanOrEqual(1_800_000);
    const decades = await engine.task(async (connection) => {
      const relation = `(SELECT TIMESTAMP '1990-01-01' + to_days(i::INTEGER) AS at FROM range(10000) t(i))`;
      const { sketches } = await describeColumns(connection, relation, { at: COLUMNS.at }, { rows: 10_000 });
      return sketches['at']!;
    });
    expect(decades.numeric!.positive.length).toBeLessThanOrEqual(2000);
    const day = 86_400_000;
    const middle = Date.parse('1990-01-01') + 4999 * day;
    expect(Math.abs(describeSketch(decades).quantiles!.p50! - middle)).toBeLessThanOrEqual(4 * day);
  });

  it('counts values by hashes that stay the same, so that old and new partitions can be merged', async () => {
    // A release of the engine with another hash function would make each value two in a range of days: then this fails.
    const { word } = await sketch([1, 2, 3]);
    const registers = Buffer.from(word.distinct, 'base64');
    const set = [...registers.entries()].filter(([, rank]) => rank > 0);
    expect(set).toMatchSnapshot();
  });
});

describe('the stability index of two sketches', () => {
  it('is 0 for the same rows and large for another unit', async () => {
    const values = Array.from({ length: 200 }, (_, i) => 5 + (i % 50));
    const [minutes, seconds] = await Promise.all([sketch(values), sketch(values.map((value) => 60 * value))]);
    expect(psiOfSketches(minutes.x, minutes.x)).toBe(0);
    expect(psiOfSketches(minutes.x, seconds.x)).toBeGreaterThan(2);
    expect(psiOfSketches(minutes.word, minutes.word)).toBe(0);
    expect(psiOfSketches(minutes.x, EMPTY_SKETCH)).toBeNaN();
  });
});
