// Two-sample statistics against scipy and numpy on small samples (test/reference/two-sample), and the NannyML measures of the reference.
import { countByEdges, equalWidthEdges, finitePart } from '../../../../src/statistics/drift/bins';
import { chiSquared, chiSquaredGoodnessOfFit, cramersV } from '../../../../src/statistics/drift/chi-squared';
import { evidentlyBins, evidentlyPsi } from '../../../../src/statistics/drift/evidently';
import { jensenShannonDistance, jensenShannonDivergence } from '../../../../src/statistics/drift/jensen-shannon';
import { asymptoticKsP, kolmogorovSmirnov } from '../../../../src/statistics/drift/kolmogorov-smirnov';
import { wasserstein, wassersteinNormed } from '../../../../src/statistics/drift/wasserstein';
import { kolmogorovOneSampleSurvival } from '../../../../src/statistics/kolmogorov';
import { relativeDifference } from '../closeness';
import { readExpected } from '../reference-rows';
import { wave } from './wave';

const expected = readExpected<{
  samples: (Record<
    'm' | 'n' | 'shift' | 'scale' | 'ks' | 'ks_p_exact' | 'ks_p_asymp' | 'wasserstein' | 'deviation',
    number
  > &
    Record<'sturges' | 'doane' | 'sturges_counts_of_b', number[]>)[];
  one_sample: { n: number; d: number; p: number }[];
  tables: {
    reference: number[];
    current: number[];
    statistic: number;
    p: number;
    yates: number;
    least_expected: number;
    cramers_v: number;
    fit: { statistic: number; p: number } | null;
    jensen_shannon_e: number;
    jensen_shannon_2: number;
  }[];
}>('two-sample/expected.json');

describe.each(expected.samples)('on $m against $n values moved by $shift and stretched by $scale', (sample) => {
  const a = wave(sample.m, 0, 1);
  const b = wave(sample.n, sample.shift, sample.scale);

  it('Kolmogorov-Smirnov and Wasserstein equal scipy, p exactly', () => {
    const found = kolmogorovSmirnov(a, b);
    expect(found.statistic).toBeCloseTo(sample.ks, 14);
    expect(relativeDifference(found.p, sample.ks_p_exact)).toBeLessThan(1e-9);
    expect(relativeDifference(asymptoticKsP(found.statistic, sample.m, sample.n), sample.ks_p_asymp)).toBeLessThan(
      1e-6,
    );
    expect(relativeDifference(wasserstein(a, b), sample.wasserstein)).toBeLessThan(1e-9);
    expect(relativeDifference(wassersteinNormed(a, b), sample.wasserstein / sample.deviation)).toBeLessThan(1e-9);
  });

  it('bins of equal width are numpy’s', () => {
    const sorted = a.slice().sort();
    equalWidthEdges(sorted, 'sturges').forEach((edge, i) => expect(edge).toBeCloseTo(sample.sturges[i]!, 13));
    equalWidthEdges(sorted, 'doane').forEach((edge, i) => expect(edge).toBeCloseTo(sample.doane[i]!, 13));
    expect(equalWidthEdges(sorted, 'doane')).toHaveLength(sample.doane.length);
    expect(countByEdges(b.slice().sort(), sample.sturges)).toEqual(sample.sturges_counts_of_b);
  });
});

it('the one-sample Kolmogorov-Smirnov distribution equals scipy for any number of rows', () => {
  for (const { n, d, p } of expected.one_sample) {
    const close = Math.abs(kolmogorovOneSampleSurvival(d, n) - p) < 1e-11;
    expect({ n, d, close }).toEqual({ n, d, close: true });
  }
  expect([kolmogorovOneSampleSurvival(0, 9), kolmogorovOneSampleSurvival(1, 9)]).toEqual([1, 0]);
  expect([kolmogorovOneSampleSurvival(NaN, 9), kolmogorovOneSampleSurvival(0.1, 0)]).toEqual([NaN, NaN]);
});

it('the exact p of 10,000 rows is found', () => {
  expect(kolmogorovSmirnov(wave(9999, 0, 1), wave(9998, 0.01, 1)).p).toBeGreaterThan(0);
});

describe.each(expected.tables)('on the table $reference against $current', (table) => {
  it('chi-squared, Cramér’s V and Jensen-Shannon equal scipy', () => {
    const found = chiSquared(table);
    expect(found.statistic).toBeCloseTo(table.statistic, 11);
    expect(found.p).toBeCloseTo(table.p, 12);
    expect(found.leastExpected).toBeCloseTo(table.least_expected, 12);
    expect(chiSquared(table, { yates: true }).statistic).toBeCloseTo(table.yates, 11);
    expect(cramersV(table)).toBeCloseTo(table.cramers_v, 12);
    expect(jensenShannonDistance(table)).toBeCloseTo(table.jensen_shannon_e, 12);
    expect(jensenShannonDistance(table, '2')).toBeCloseTo(table.jensen_shannon_2, 12);
    expect(jensenShannonDivergence(table)).toBeCloseTo(table.jensen_shannon_e ** 2, 12);
    const fit = chiSquaredGoodnessOfFit(table);
    expect([fit.statistic, fit.p]).toEqual(
      table.fit === null ? [Infinity, 0] : [expect.closeTo(table.fit.statistic, 11), expect.closeTo(table.fit.p, 12)],
    );
  });
});

describe('degenerate samples', () => {
  it('have no Wasserstein distance when empty or infinite, 0 between constants, infinite norm of a constant reference', () => {
    expect([wasserstein([], [1]), wasserstein([1], [null]), wasserstein([1, Infinity], [1])]).toEqual([NaN, NaN, NaN]);
    expect([wasserstein([2, 2], [2]), wassersteinNormed([2, 2], [2]), wassersteinNormed([2, 2], [3])]).toEqual([
      0,
      0,
      Infinity,
    ]);
  });

  it('have one bin round a constant, and none without values', () => {
    expect(equalWidthEdges(Float64Array.of(3, 3), 'doane')).toEqual([2.5, 3.5]);
    expect(equalWidthEdges(new Float64Array(0), 'sturges')).toEqual([]);
    expect(countByEdges(Float64Array.of(1), [])).toEqual([]);
    expect([...finitePart(Float64Array.of(-Infinity, 1, 2, Infinity))]).toEqual([1, 2]);
  });

  it('have no Evidently bins without values, and no chi-squared p without rows', () => {
    expect(evidentlyBins([NaN, Infinity], [1])).toEqual({ reference: [], current: [] });
    expect(evidentlyPsi([], [1])).toBeNaN();
    expect(chiSquaredGoodnessOfFit({ reference: [0], current: [1] }).p).toBeNaN();
    expect(cramersV({ reference: [0], current: [1] })).toBeNaN();
  });
});
