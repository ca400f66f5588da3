// The data-drift report: what it calls drift, and that it is quick; the whole representation against numpy and scikit-learn.
import { driftReport, judgeColumns, type DriftColumn } from '../../../../src/statistics/drift/report';
import { domainClassifier } from '../../../../src/statistics/drift/representation/domain-classifier';
import { symmetricEigen } from '../../../../src/statistics/drift/representation/eigen';
import { fitLogistic } from '../../../../src/statistics/drift/representation/logistic';
import { pcaDrift } from '../../../../src/statistics/drift/representation/pca-drift';
import { randomNumbers } from '../../../../src/domain/random';
import { readExpected } from '../reference-rows';
import { wave } from './wave';

const random = randomNumbers(9);
const uniform = (count: number, shift = 0) => Float64Array.from({ length: count }, () => random() + shift);
const letters = (count: number, names: string) =>
  Array.from({ length: count }, () => names[Math.floor(random() * names.length)]!);

const columns: readonly DriftColumn[] = [
  { name: 'calm', kind: 'number', reference: uniform(3000), current: uniform(3000) },
  { name: 'moved', kind: 'number', reference: uniform(3000), current: uniform(3000, 0.4) },
  { name: 'barely moved', kind: 'number', reference: uniform(60_000), current: uniform(60_000, 0.03) },
  { name: 'letters', kind: 'category', reference: letters(3000, 'abc'), current: letters(3000, 'abc') },
  { name: 'new letter', kind: 'category', reference: letters(3000, 'abc'), current: letters(3000, 'abcd') },
  { name: 'few', kind: 'number', reference: uniform(50), current: uniform(3000, 5) },
  { name: 'gone', kind: 'number', reference: uniform(500), current: new Float64Array(500).fill(NaN) },
];

describe('a data-drift report', () => {
  const report = driftReport(columns);
  const verdict = (name: string) => report.columns.find((column) => column.name === name)!;

  it('calls drifted what has both evidence and an effect', () => {
    expect(report.columns.filter(({ drifted }) => drifted).map(({ name }) => name)).toEqual(['moved', 'new letter']);
    expect(report).toMatchObject({ drifted: 2, judged: 5, rules: { level: 0.05, leastPsi: 0.1, leastRows: 100 } });
  });

  it('does not call a tiny shift drift, however small its p is', () => {
    expect(verdict('barely moved').adjustedP).toBeLessThan(1e-9);
    expect(verdict('barely moved').effect).toBeLessThan(0.1);
    expect(verdict('barely moved').drifted).toBe(false);
  });

  it('judges no column with too few values, nor one without any, but describes both', () => {
    expect(verdict('few')).toMatchObject({ judged: false, drifted: false, adjustedP: NaN });
    expect(verdict('few').found.kind === 'number' && verdict('few').found.psi).toBeGreaterThan(1);
    expect(verdict('gone')).toMatchObject({ judged: false, p: NaN });
    expect(verdict('gone').found.missing).toMatchObject({ reference: 0, current: 500, difference: 1 });
    expect(verdict('gone').found.missing.p).toBeLessThan(1e-100);
  });

  it('tells the share of rows with a category that the reference does not have', () => {
    const { found } = verdict('new letter');
    expect(found.kind === 'category' && found.unseenShare).toBeCloseTo(0.25, 1);
  });

  it('finds nothing between a sample and itself, and is empty without columns', () => {
    const same = driftReport(columns.map((column) => ({ ...column, current: column.reference }) as DriftColumn));
    expect(same.drifted).toBe(0);
    expect(same.columns.map(({ effect }) => effect)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(judgeColumns([])).toMatchObject({ columns: [], drifted: 0, judged: 0 });
  });

  it('keeps its share of false findings over many calm columns', () => {
    const calm = Array.from({ length: 150 }, (_, i): DriftColumn => {
      return { name: `calm ${i}`, kind: 'number', reference: uniform(150), current: uniform(150) };
    });
    expect(driftReport(calm, { leastPsi: 0 }).drifted).toBe(0);
    const found = driftReport(calm, { leastPsi: 0 }).columns.filter(({ p }) => p <= 0.05).length;
    expect(found).toBeGreaterThan(0);
  });
});

describe('drift of the whole representation', () => {
  const expected = readExpected<{
    logistic: { intercept: number; coefficients: number[]; labels: number[] };
    principal: { eigenvalues: number[]; first: number[]; error_odd_rows: number; error_all_rows: number };
  }>('two-sample/expected.json');
  const third = wave(70, -1, 3).subarray(10);
  const data = [wave(60, 0, 1), wave(63, 0.2, 2).subarray(3), third.map((value, i) => value + wave(60, 0, 1)[i]!)];

  it('by principal components has the errors that numpy has', () => {
    const found = pcaDrift(data, data, { explained: 0.3 });
    expect(found).toMatchObject({ columns: 3, components: 1 });
    expect(found.referenceError).toBeCloseTo(expected.principal.error_odd_rows, 9);
    expect(found.currentError).toBeCloseTo(expected.principal.error_all_rows, 9);
  });

  it('rests on the eigenvectors of numpy', () => {
    const rows = data[0]!.length;
    const scaled = data.map((column) => {
      const mean = column.reduce((sum, value) => sum + value, 0) / rows;
      const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
      return column.map((value) => (value - mean) / deviation);
    });
    const even = (p: number, q: number) =>
      scaled[p]!.reduce((sum, value, i) => (i % 2 === 0 ? sum + value * scaled[q]![i]! : sum), 0);
    const matrix = Float64Array.from({ length: 9 }, (_, i) => even(Math.floor(i / 3), i % 3));
    const { values, vectors } = symmetricEigen(matrix, 3);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected.principal.eigenvalues[i]!, 9));
    const sign = Math.sign(expected.principal.first[0]!) * Math.sign(vectors[0]![0]!);
    vectors[0]!.forEach((entry, i) => expect(sign * entry).toBeCloseTo(expected.principal.first[i]!, 9));
  });

  it('by a classifier has the logistic regression of scikit-learn', () => {
    const rows = Float64Array.from({ length: 180 }, (_, i) => data[i % 3]![Math.floor(i / 3)]!);
    const [intercept, ...coefficients] = fitLogistic(rows, 3, Uint8Array.from(expected.logistic.labels));
    expect(intercept).toBeCloseTo(expected.logistic.intercept, 5);
    coefficients.forEach((each, i) => expect(each).toBeCloseTo(expected.logistic.coefficients[i]!, 5));
  });

  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  /** Three columns, each pair with this correlation. */
  const correlated = (rows: number, correlation: number) => {
    const shared = Float64Array.from({ length: rows }, normal);
    return [0, 1, 2].map(() =>
      shared.map((value) => Math.sqrt(correlation) * value + Math.sqrt(1 - correlation) * normal()),
    );
  };

  it('sees columns that no longer hang together, which no single column shows', () => {
    const [reference, same, apart] = [correlated(4000, 0.9), correlated(4000, 0.9), correlated(4000, 0)];
    const calm = pcaDrift(reference, same);
    expect([calm.low < 0, calm.high > 0]).toEqual([true, true]);
    const drifted = pcaDrift(reference, apart);
    expect(drifted.ratio).toBeGreaterThan(2);
    expect(drifted.pTwoSided).toBeLessThan(1e-9);
    const single = driftReport(
      reference.map((column, i) => ({ name: `${i}`, kind: 'number', reference: column, current: apart[i]! })),
    );
    expect(single.drifted).toBe(0);
  });

  it('tells rows apart that have moved or spread, and no others', () => {
    const reference = correlated(4000, 0.3);
    const calm = domainClassifier(reference, correlated(4000, 0.3));
    expect([calm.low < 0.5, calm.high > 0.5]).toEqual([true, true]);
    const moved = domainClassifier(
      reference,
      correlated(4000, 0.3).map((column) => column.map((value) => value + 0.3)),
    );
    expect(moved.low).toBeGreaterThan(0.53);
    expect(moved.pOneSided).toBeLessThan(1e-9);
    const spread = domainClassifier(
      reference,
      correlated(4000, 0.3).map((column) => column.map((value) => 2 * value)),
    );
    expect(spread.low).toBeGreaterThan(0.6);
    const missing = domainClassifier(
      reference,
      correlated(4000, 0.3).map((column) => column.map((value, i) => (i % 3 === 0 ? NaN : value))),
    );
    expect(missing.low).toBeGreaterThan(0.6);
  });

  it('has no value without enough rows or columns, and refuses different columns', () => {
    expect(pcaDrift([[1, 2, 3, 4]], [[1, 2]])).toMatchObject({ columns: 1, components: 0, ratio: NaN });
    expect(
      pcaDrift(
        [
          [1, 1, 1, 1],
          [1, 2, 3, 4],
        ],
        [[1], [1]],
      ),
    ).toMatchObject({ columns: 1, pTwoSided: NaN });
    expect(domainClassifier([[1, 2, 3]], [[1, 2, 3]]).auc).toBeNaN();
    expect(domainClassifier([], []).auc).toBeNaN();
    expect(() => pcaDrift([[1, 2]], [])).toThrow('PCA drift: arrays differ in length');
  });

  it('by a classifier looks at 20,000 rows of each side at most', () => {
    const reference = [uniform(30_000)];
    const current = [uniform(30_000, 0.02)];
    expect(domainClassifier(reference, current).rows).toEqual({ reference: 20_000, current: 20_000 });
  });
});
