// Distributions and special functions against scipy 1.17.1: every expected number below was printed by scipy.
import fc from 'fast-check';
import {
  binomialCdf,
  chiSquaredSurvival,
  kolmogorovSurvival,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from '../../../src/statistics/distributions';
import {
  incompleteBeta,
  logGamma,
  lowerIncompleteGamma,
  upperIncompleteGamma,
} from '../../../src/statistics/special-functions';
import { relativeDifference } from './closeness';

function expectClose(actual: number, expected: number, tolerance = 1e-11): void {
  expect({ actual, far: !(relativeDifference(actual, expected) <= tolerance) }).toEqual({ actual, far: false });
}

describe('special functions', () => {
  it.each([
    [1e-5, 11.512919692895826],
    [0.5, 0.5723649429247],
    [1.5, -0.12078223763524526],
    [11.9, 17.25847745059552],
    [12, 17.502307845873887],
    [343.5, 1660.26036043402],
    [1e6, 12815504.569147611],
  ])('log gamma of %d is %d', (x, expected) => {
    expectClose(logGamma(x), expected);
  });

  it.each([
    [0.5, 0.001, 0.035670591729679894, 0.9643294082703201],
    [0.5, 30, 0.9999999999999906, 9.485737571073857e-15],
    [3, 2, 0.32332358381693654, 0.6766764161830634],
    [1573.5, 1500, 0.030455908671440844, 0.9695440913285592],
    [1573.5, 1800, 0.9999999768861496, 2.3113850423032023e-8],
  ])('incomplete gamma of a = %d at %d', (a, x, lower, upper) => {
    expectClose(lowerIncompleteGamma(a, x), lower);
    expectClose(upperIncompleteGamma(a, x), upper);
  });

  it.each([
    [0.5, 0.5, 0.3, 0.36901011956554536],
    [2, 3, 0.9, 0.9963],
    [415, 273, 0.5, 2.7159099551854962e-8],
    [6.5, 0.5, 0.7, 0.03455029843932243],
    [5000, 0.5, 0.999, 0.0015615791602892836],
    [1, 1, 0.25, 0.25],
  ])('incomplete beta of %d, %d at %d', (a, b, x, expected) => {
    expectClose(incompleteBeta(a, b, x), expected);
  });

  it('has the ends exactly and NaN outside the domain', () => {
    expect([lowerIncompleteGamma(2, 0), upperIncompleteGamma(2, 0)]).toEqual([0, 1]);
    expect([lowerIncompleteGamma(2, Infinity), upperIncompleteGamma(2, Infinity)]).toEqual([1, 0]);
    expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
    const outside = [logGamma(0), lowerIncompleteGamma(-1, 1), upperIncompleteGamma(1, -1), incompleteBeta(1, 1, 1.1)];
    expect(outside).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('normal distribution', () => {
  it.each([
    [-8, 6.22096057427174e-16],
    [-1.5, 0.06680720126885807],
    [-1e-9, 0.49999999960105773],
    [0.3, 0.6179114221889526],
    [1.959963984540054, 0.975],
    [6, 0.9999999990134123],
  ])('is at most %d with probability %d', (x, expected) => {
    expectClose(normalCdf(x), expected);
  });

  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.025, -1.9599639845400545],
    [0.3, -0.5244005127080409],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.999999, 4.753424308817087],
  ])('has quantile(%d) = %d', (p, expected) => {
    expectClose(normalQuantile(p), expected);
  });
});

describe("Student's t distribution", () => {
  it.each([
    [-3.2, 1, 0.09641124797922958],
    [-50, 4, 4.787226828484845e-7],
    [-1e-8, 7, 0.4999999961500855],
    [0.7, 2.5, 0.728297528405226],
    [2.1, 13, 0.972093697864371],
    [-6, 39, 2.589443912786545e-7],
    [1.3, 500, 0.9029000349352706],
    [-40, 1000, 5.239426077586636e-210],
  ])('is at most %d for %d degrees with probability %d', (t, degrees, expected) => {
    expectClose(studentTCdf(t, degrees), expected);
  });

  it.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 13, 2.1603686564627913],
    [0.95, 39, 1.6848751217112248],
    [0.001, 5, -5.893429531356009],
    [1e-12, 27, -12.113544275651927],
    [0.6, 3.5, 0.27326545405577973],
    [0.995, 10000, 2.5763210466685282],
  ])('has quantile(%d) for %d degrees = %d', (p, degrees, expected) => {
    expectClose(studentTQuantile(p, degrees), expected);
  });

  it('has a quantile that undoes the distribution function', () => {
    const degrees = fc.double({ min: 0.5, max: 200, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.999, noNaN: true }), degrees, (p, df) => {
        expectClose(studentTCdf(studentTQuantile(p, df), df), p, 1e-10);
      }),
    );
  });

  it('has infinite quantiles at 0 and 1, and NaN without degrees of freedom or outside [0, 1]', () => {
    expect([studentTQuantile(0, 3), studentTQuantile(1, 3), studentTQuantile(0.5, 3)]).toEqual([
      -Infinity,
      Infinity,
      0,
    ]);
    expect([studentTCdf(-Infinity, 3), studentTCdf(Infinity, 3)]).toEqual([0, 1]);
    expect([studentTQuantile(0.9, 0), studentTQuantile(1.2, 3), studentTCdf(1, -1)]).toEqual([NaN, NaN, NaN]);
  });
});

describe('chi-squared, binomial and Kolmogorov distributions', () => {
  it.each([
    [3.841458820694124, 1, 0.04999999999999989],
    [29.765647743813684, 1, 4.875550650440339e-8],
    [0.2, 1, 0.6547208460185768],
    [10, 3, 0.01856613546304325],
    [700, 1, 2.990226975124623e-154],
    [3147, 3147, 0.4966475912257566],
    [3600, 3147, 2.3113850423032023e-8],
    [2, 15, 0.9999703450227174],
    [90, 15, 9.91866738159077e-13],
  ])('chi-squared exceeds %d for %d degrees with probability %d', (x, degrees, expected) => {
    expectClose(chiSquaredSurvival(x, degrees), expected);
  });

  it.each([
    [272, 687, 0.5, 2.7159099551854962e-8],
    [0, 5, 0.5, 0.03125],
    [3, 10, 0.2, 0.8791261183999999],
    [4999, 10000, 0.5, 0.49601067693030826],
  ])('at most %d of %d trials of probability %d succeed with probability %d', (k, n, p, expected) => {
    expectClose(binomialCdf(k, n, p), expected);
  });

  it.each([
    [0.2, 0.999999999999495],
    [0.5, 0.9639452436648751],
    [0.99, 0.2808738392255489],
    [1, 0.26999967167735456],
    [1.3580986393225505, 0.050000000000000024],
    [2.3, 5.083869303239775e-5],
    [5, 3.8574996959278356e-22],
  ])('the Kolmogorov distribution exceeds %d with probability %d', (x, expected) => {
    expectClose(kolmogorovSurvival(x), expected);
  });
});
