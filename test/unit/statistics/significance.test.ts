// DeLong and McNemar against R pROC and statsmodels (test/reference/champion-challenger), and their degenerate cases.
import fc from 'fast-check';
import { rocAuc } from '../../../src/statistics/metrics/binary/ranking';
import { delongTest } from '../../../src/statistics/significance/rows/delong';
import { mcnemarFromCounts, mcnemarTest } from '../../../src/statistics/significance/rows/mcnemar';
import { relativeDifference } from './closeness';
import { readExpected, readNumbers } from './reference-rows';

type Numbers<Keys extends string> = Readonly<Record<Keys, number>>;
interface ExpectedTests {
  readonly delong_pROC: Numbers<
    | 'auc_champion'
    | 'auc_challenger'
    | 'z_champion_minus_challenger'
    | 'p_two_sided'
    | 'se_difference'
    | 'var_champion'
    | 'var_challenger'
    | 'cov'
  >;
  readonly mcnemar_statsmodels: Readonly<
    Record<'exact' | 'chi2_corrected' | 'chi2_uncorrected', Numbers<'statistic' | 'p'>>
  > & {
    readonly 'table_[[both_right,only_champion_right],[only_challenger_right,both_wrong]]': readonly (readonly number[])[];
  };
}
const { cases } = readExpected<{ cases: Record<string, { input: string; expected: ExpectedTests }> }>(
  'champion-challenger/expected.json',
);
const names = Object.keys(cases);

function read(name: string): [Float64Array, Float64Array, Float64Array] {
  const columns = readNumbers(`champion-challenger/${cases[name]!.input}`, 'y', 'champion', 'challenger');
  return columns as [Float64Array, Float64Array, Float64Array];
}

describe('the DeLong test', () => {
  it.each(names)('equals pROC on %s', (name) => {
    const expected = cases[name]!.expected.delong_pROC;
    const actual = delongTest(...read(name));
    const pairs: [string, number, number][] = [
      ['aucA', actual.aucA, expected.auc_champion],
      ['aucB', actual.aucB, expected.auc_challenger],
      ['standardError', actual.standardError, expected.se_difference],
      ['varianceA', actual.varianceA, expected.var_champion],
      ['varianceB', actual.varianceB, expected.var_challenger],
      ['covariance', actual.covariance, expected.cov],
      ['z', actual.z, -expected.z_champion_minus_challenger],
      ['pTwoSided', actual.pTwoSided, expected.p_two_sided],
    ];
    for (const [field, value, wanted] of pairs) {
      expect({ field, close: relativeDifference(value, wanted) < 1e-9 }).toEqual({ field, close: true });
    }
  });

  it('finds no difference between two models that rank alike, even with other scores', () => {
    const [labels, champion] = read(names[0]!);
    const actual = delongTest(
      labels,
      champion,
      champion.map((p) => p ** 2),
    );
    expect([actual.difference, actual.standardError, actual.z, actual.pTwoSided]).toEqual([0, 0, 0, 1]);
  });

  it('is undefined with one class, with a NaN score, and with a single positive row', () => {
    expect(delongTest([1, 1], [0.1, 0.2], [0.2, 0.1]).pTwoSided).toBeNaN();
    expect(delongTest([1, 0], [0.1, NaN], [0.2, 0.1]).aucA).toBeNaN();
    const single = delongTest([1, 0, 0], [0.5, 0.2, 0.6], [0.5, 0.2, 0.3]);
    expect([single.aucA, single.aucB, single.standardError, single.pTwoSided]).toEqual([0.5, 1, NaN, NaN]);
  });

  it('is sure when all positives are above all negatives for one model and below for the other', () => {
    const actual = delongTest([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9], [0.8, 0.9, 0.1, 0.2]);
    expect([actual.difference, actual.standardError, actual.z, actual.pTwoSided]).toEqual([1, 0, Infinity, 0]);
  });

  it('has the areas of the ROC AUC, and changes sign when the models change places', () => {
    const score = fc.integer({ min: 0, max: 9 });
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), score, score), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(rows, (drawn) => {
        const all = [...drawn, [0, 3, 5], [0, 4, 2], [1, 6, 4], [1, 5, 9]] as const;
        const [labels, a, b] = [all.map((row) => row[0]), all.map((row) => row[1]), all.map((row) => row[2])];
        const forward = delongTest(labels, a, b);
        const backward = delongTest(labels, b, a);
        expect(forward.aucA).toBeCloseTo(rocAuc(labels, a), 12);
        expect(forward.aucB).toBeCloseTo(rocAuc(labels, b), 12);
        expect(backward.difference).toBeCloseTo(-forward.difference, 12);
        expect(backward.pTwoSided).toBeCloseTo(forward.pTwoSided, 12);
      }),
    );
  });
});

describe('the McNemar test', () => {
  it.each(names)('equals statsmodels on %s', (name) => {
    const expected = cases[name]!.expected.mcnemar_statsmodels;
    const table = expected['table_[[both_right,only_champion_right],[only_challenger_right,both_wrong]]'];
    const actual = mcnemarTest(...read(name));
    expect([actual.onlyARight, actual.onlyBRight]).toEqual([table[0]![1], table[1]![0]]);
    const pairs = [
      ['exact', actual.exact, expected.exact],
      ['corrected', actual.chiSquaredCorrected, expected.chi2_corrected],
      ['uncorrected', actual.chiSquaredUncorrected, expected.chi2_uncorrected],
    ] as const;
    for (const [form, found, wanted] of pairs) {
      const far = Math.max(
        relativeDifference(found.statistic, wanted.statistic),
        relativeDifference(found.p, wanted.p),
      );
      expect({ form, close: far < 1e-9 }).toEqual({ form, close: true });
    }
  });

  it('does not call models different that never disagree', () => {
    const actual = mcnemarTest([0, 1], [0.2, 0.7], [0.1, 0.6]);
    expect([actual.exact.p, actual.chiSquaredCorrected, actual.chiSquaredUncorrected.p]).toEqual([
      1,
      { statistic: 0, p: 1 },
      NaN,
    ]);
  });

  it('has an exact p of 1 when as many rows speak for one as for the other, and NaN for a NaN probability', () => {
    expect(mcnemarFromCounts(7, 7).exact.p).toBe(1);
    expect(mcnemarFromCounts(0, 5).exact.p).toBeCloseTo(0.0625, 14);
    expect(mcnemarTest([0, 1], [NaN, 0.7], [0.1, 0.6]).exact.p).toBeNaN();
  });
});
