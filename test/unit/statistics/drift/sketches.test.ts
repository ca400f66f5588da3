// Drift from stored sketches against drift from the rows themselves: the rows' statistics lie within the bounds that are stated.
import type { ColumnSketch } from '../../../../src/domain/data/partitions';
import type { ColumnPlan } from '../../../../src/domain/plan/plan';
import { describeColumns } from '../../../../src/data/describe/column-sketches';
import type { Engine } from '../../../../src/data/engine';
import { categoryDrift, numericDrift } from '../../../../src/statistics/drift/column-drift';
import { countByCutPoints, psiOfCounts } from '../../../../src/statistics/drift/psi';
import { judgeColumns } from '../../../../src/statistics/drift/report';
import { sketchDrift, type SketchDrift } from '../../../../src/statistics/drift/sketches/sketch-drift';
import { alignedBuckets } from '../../../../src/statistics/drift/sketches/aligned-buckets';
import { mergeQuantiles } from '../../../../src/statistics/quantile-sketch';
import { EMPTY_SKETCH } from '../../../../src/statistics/sketches';
import { randomNumbers } from '../../../../src/domain/random';
import { workbench } from '../../data/tiny-model';

let engine: Engine;
let close: () => void;
beforeAll(async () => ({ engine, close } = await workbench()));
afterAll(() => close());

const COLUMNS: Record<'x' | 'word' | 'at', ColumnPlan> = {
  x: { type: 'number', nullable: true, unseen: 'accept' },
  word: { type: 'category', nullable: true, unseen: 'accept' },
  at: { type: 'timestamp', nullable: true, unseen: 'accept' },
};
interface Row {
  readonly x: number | null;
  readonly word: string | null;
}

async function sketch(rows: readonly Row[]): Promise<Readonly<Record<keyof typeof COLUMNS, ColumnSketch>>> {
  const values = rows.map(
    ({ x, word }) => `(${x === null ? 'NULL' : `${x}::DOUBLE`}, ${word === null ? 'NULL' : `'${word}'`})`,
  );
  const relation = `(SELECT x, word, TIMESTAMP '2013-01-01' + to_seconds(x * 1000) AS at FROM (VALUES ${values.join(', ')}) v(x, word))`;
  return engine.task(async (connection) => {
    const { sketches } = await describeColumns(connection, relation, COLUMNS, { rows: rows.length });
    return sketches;
  });
}

const random = randomNumbers(21);
const sample = (count: number, shift: number, scale: number, words: string): Row[] =>
  Array.from({ length: count }, () => ({
    x:
      random() < 0.05
        ? null
        : random() < 0.1
          ? 0
          : Math.round(1000 * (shift + scale * (random() + random() + random() - 1.5) ** 3)) / 1000,
    word: random() < 0.1 ? null : `w${words[Math.floor(random() * words.length)]!}`,
  }));
const samples = {
  alike: [sample(800, 0, 50, 'abc'), sample(700, 0, 50, 'abc')],
  moved: [sample(800, 10, 50, 'abc'), sample(700, 14, 50, 'abcd')],
  spread: [sample(500, -3, 10, 'ab'), sample(900, -3, 90, 'aab')],
} as const;

type OfNumbers = Extract<SketchDrift, { kind: 'number' }>;
type OfCategories = Extract<SketchDrift, { kind: 'category' }>;

describe.each(Object.entries(samples))('on samples that are %s', (_, [reference, current]) => {
  const numbers = [reference, current].map((rows) => rows.map(({ x }) => x)) as [Row['x'][], Row['x'][]];
  const words = [reference, current].map((rows) => rows.map(({ word }) => word)) as [Row['word'][], Row['word'][]];

  it('numbers: the statistics of the rows lie within the bounds, and the bounds are narrow', async () => {
    const [a, b] = await Promise.all([sketch(reference), sketch(current)]);
    const found = sketchDrift(a.x, b.x) as OfNumbers;
    const rows = numericDrift(...numbers);
    const { kolmogorovSmirnov: ks, wasserstein } = found.bounds;
    expect(ks.low).toBeLessThanOrEqual(rows.kolmogorovSmirnov.statistic + 1e-12);
    expect(ks.high).toBeGreaterThanOrEqual(rows.kolmogorovSmirnov.statistic - 1e-12);
    expect(found.kolmogorovSmirnov.p).toBeGreaterThanOrEqual(rows.kolmogorovSmirnov.p * (1 - 1e-9));
    // Where a value is common (a tenth of these are 0) a bucket holds it alone; of the others a bucket holds few.
    expect(ks.high - ks.low).toBeLessThan(0.03);
    expect(wasserstein.low).toBeLessThanOrEqual(rows.wasserstein);
    expect(wasserstein.high).toBeGreaterThanOrEqual(rows.wasserstein);
    const meanSize = numbers.map((values) => {
      const present = values.filter((value) => value !== null);
      return present.reduce((sum, value) => sum + Math.abs(value), 0) / present.length;
    });
    expect(wasserstein.high - found.wasserstein).toBeLessThan(0.0102 * (meanSize[0]! + meanSize[1]!));
    expect(found.wassersteinNormed).toBeCloseTo((found.wasserstein * rows.wassersteinNormed) / rows.wasserstein, 9);
    expect(found.missing).toEqual(rows.missing);
    expect(found.present).toEqual(rows.present);
  });

  it('numbers: PSI is exactly that of the rows for cuts at borders of buckets', async () => {
    const [a, b] = await Promise.all([sketch(reference), sketch(current)]);
    const buckets = alignedBuckets(a.x.numeric!, b.x.numeric!);
    const cuts: number[] = [];
    let seen = 0;
    for (const bucket of buckets) {
      const before = Math.floor((10 * seen) / a.x.count);
      seen += bucket.reference;
      if (Math.floor((10 * seen) / a.x.count) > before && seen < a.x.count) cuts.push(bucket.high);
    }
    const sorted = numbers.map((values) => Float64Array.from(values.filter((value) => value !== null)).sort());
    // Borders are powers; a value on one may lie on either side of it in the last bit, but these have three digits.
    const counts = { reference: countByCutPoints(sorted[0]!, cuts), current: countByCutPoints(sorted[1]!, cuts) };
    expect(sketchDrift(a.x, b.x).psi).toBeCloseTo(psiOfCounts(counts), 9);
  });

  it('categories: everything is exact while all values are kept', async () => {
    const [a, b] = await Promise.all([sketch(reference), sketch(current)]);
    const found = sketchDrift(a.word, b.word) as OfCategories;
    const rows = categoryDrift(...words);
    expect(found.exact).toBe(true);
    expect(found.psi).toBeCloseTo(rows.psi, 12);
    expect(found.chiSquared.statistic).toBeCloseTo(rows.chiSquared.statistic, 9);
    expect(found.jensenShannon).toBeCloseTo(rows.jensenShannon, 12);
    expect([found.unseenShare, found.missing, found.present]).toEqual([rows.unseenShare, rows.missing, rows.present]);
    expect(found.bounds.unseenShare).toEqual({ low: rows.unseenShare, high: rows.unseenShare });
  });

  it('instants: the rows’ distance lies within the bounds, also when one sketch has wider buckets', async () => {
    const [a, b] = await Promise.all([sketch(reference), sketch(current)]);
    const fine = b.at.numeric!;
    const wide = {
      ...b.at,
      numeric: { ...fine, ...mergeQuantiles([fine, { ...fine, positive: [], step: 4 * fine.step! }]) },
    };
    const instants = (values: readonly (number | null)[]) =>
      values.map((x) => (x === null ? null : Date.UTC(2013, 0, 1) + Math.round(x * 1e6)));
    const rows = numericDrift(instants(numbers[0]), instants(numbers[1]));
    const found = sketchDrift(a.at, wide) as OfNumbers;
    expect(wide.numeric.step).toBe(4 * a.at.numeric!.step!);
    expect(found.bounds.kolmogorovSmirnov.low).toBeLessThanOrEqual(rows.kolmogorovSmirnov.statistic + 1e-12);
    expect(found.bounds.kolmogorovSmirnov.high).toBeGreaterThanOrEqual(rows.kolmogorovSmirnov.statistic - 1e-12);
    expect(found.bounds.wasserstein.low).toBeLessThanOrEqual(rows.wasserstein);
    expect(found.bounds.wasserstein.high).toBeGreaterThanOrEqual(rows.wasserstein);
  });
});

describe('drift from sketches', () => {
  const texts = (top: Record<string, number>, others = 0): ColumnSketch => {
    const kept = Object.entries(top).map(([value, count]) => ({ value, count }));
    return { ...EMPTY_SKETCH, count: kept.reduce((sum, { count }) => sum + count, others), top: kept, others };
  };

  it('says how many rows may have unseen values when not all values were kept', () => {
    const found = sketchDrift(texts({ a: 90, b: 5 }, 5), texts({ a: 50, c: 30 }, 20)) as OfCategories;
    expect(found.exact).toBe(false);
    expect(found.bounds.unseenShare).toEqual({ low: 0, high: 0.5 });
    const complete = sketchDrift(texts({ a: 90, b: 10 }), texts({ a: 50, c: 30 }, 20)) as OfCategories;
    expect(complete.bounds.unseenShare).toEqual({ low: 0.3, high: 0.5 });
  });

  it('is judged as drift from rows is', () => {
    const columns = [{ name: 'word', found: sketchDrift(texts({ a: 900, b: 100 }), texts({ a: 300, b: 700 })) }];
    expect(judgeColumns(columns)).toMatchObject({ drifted: 1, judged: 1 });
  });

  it('has no number without values, and finds nothing between a sketch and itself', async () => {
    const { x, word } = await sketch(samples.alike[0]);
    const nothing = sketchDrift(x, EMPTY_SKETCH) as OfNumbers;
    expect([nothing.psi, nothing.kolmogorovSmirnov.p, nothing.wasserstein]).toEqual([NaN, NaN, NaN]);
    expect((sketchDrift(word, EMPTY_SKETCH) as OfCategories).psi).toBeNaN();
    const same = sketchDrift(x, x) as OfNumbers;
    expect([same.psi, same.kolmogorovSmirnov, same.wasserstein, same.bounds.kolmogorovSmirnov.low]).toEqual([
      0,
      { statistic: 0, p: 1 },
      0,
      0,
    ]);
  });
});
