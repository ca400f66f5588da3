// Drift statistics beside alibi-detect and NannyML, which mean the same by Kolmogorov-Smirnov, chi-squared, and Jensen-Shannon of categories.
// NannyML's Jensen-Shannon and Wasserstein of numbers are over bins of its own: other statistics, which are not compared.
import { chiSquared } from '../../../../src/statistics/drift/chi-squared';
import { jensenShannonDistance } from '../../../../src/statistics/drift/jensen-shannon';
import { kolmogorovSmirnov } from '../../../../src/statistics/drift/kolmogorov-smirnov';
import { countCategories } from '../../../../src/statistics/drift/samples';
import { relativeDifference } from '../closeness';
import { categoriesOf, numbersOf, readExpected, readMonth } from '../reference-rows';

type Columns<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;
const alibi = readExpected<{ comparisons: Columns<Partial<Record<'alibi_ks' | 'alibi_chi2', Numbers>>> }>(
  'drift/other-libraries-alibi.json',
).comparisons;
const nanny = readExpected<{ comparisons: Columns<Readonly<Record<string, number>>> }>(
  'drift/other-libraries-nannyml.json',
).comparisons;
interface Numbers {
  readonly statistic: number;
  readonly p: number;
}
/** alibi-detect computes in float32. */
const FLOAT32 = 1e-6;

/** `flights month 1 vs 2`. */
function monthsOf(comparison: string) {
  const [table, , reference, , current] = comparison.split(' ') as ['flights', string, string, string, string];
  return [readMonth(table, Number(reference)), readMonth(table, Number(current))] as const;
}

function expectClose(found: Readonly<Record<string, readonly [actual: number, expected: number | undefined]>>): void {
  for (const [statistic, [actual, expected = Number.NaN]] of Object.entries(found)) {
    const close = relativeDifference(actual, expected, 1e-6) < FLOAT32;
    expect({ statistic, actual, close }).toEqual({ statistic, actual, close: true });
  }
}

it.each(Object.keys(alibi))('equal those of alibi-detect and NannyML on %s', (comparison) => {
  const [reference, current] = monthsOf(comparison);
  const columns = Object.entries(alibi[comparison]!);
  expect(columns).toHaveLength(7);
  for (const [name, { alibi_ks: theirKs, alibi_chi2: theirChi2 }] of columns) {
    const theirs = nanny[comparison]![name]!;
    if (theirKs) {
      const { statistic, p } = kolmogorovSmirnov(numbersOf(reference, name), numbersOf(current, name));
      expectClose({
        [`${name}: KS, alibi-detect`]: [statistic, theirKs.statistic],
        [`${name}: KS, NannyML`]: [statistic, theirs['nannyml_kolmogorov_smirnov']],
      });
      // Its p is rounded to float32 beside 1, so that the smallest are 0.
      expect(Math.abs(p - theirKs.p)).toBeLessThan(FLOAT32);
    } else {
      const counts = countCategories(categoriesOf(reference, name), categoriesOf(current, name));
      const { statistic, p } = chiSquared(counts);
      expectClose({
        [`${name}: chi-squared, alibi-detect`]: [statistic, theirChi2!.statistic],
        [`${name}: chi-squared, NannyML`]: [statistic, theirs['nannyml_chi2']],
        // NannyML's logarithm is binary.
        [`${name}: Jensen-Shannon, NannyML`]: [
          jensenShannonDistance(counts) / Math.sqrt(Math.LN2),
          theirs['nannyml_jensen_shannon'],
        ],
      });
      expect(Math.abs(p - theirChi2!.p)).toBeLessThan(FLOAT32);
    }
  }
});
