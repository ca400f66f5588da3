// Corrections, exact tests, powers and sequential boundaries against statsmodels and scipy (test/reference/significance).
import fc from 'fast-check';
import {
  benjaminiHochbergAdjusted,
  holmAdjusted,
} from '../../../../src/statistics/significance/corrections/multiplicity';
import {
  clusterPower,
  daysNeeded,
  detectableImprovement,
  noncentralTCdf,
} from '../../../../src/statistics/significance/power';
import { clopperPearson } from '../../../../src/statistics/significance/proportions';
import {
  spendingBoundaries,
  spentLevel,
  type Spending,
} from '../../../../src/statistics/significance/corrections/repeated-looks';
import { EXACT_FLIPS_UP_TO, signFlipTest } from '../../../../src/statistics/significance/sign-flip';
import { judgeSuperiority } from '../../../../src/statistics/significance/superiority';
import { randomNumbers } from '../../../../src/domain/random';
import { readExpected } from '../reference-rows';

const expected = readExpected<{
  multiplicity: { p: number[]; holm: number[]; benjamini_hochberg: number[] }[];
  proportions: { hits: number; trials: number; level: number; low: number; high: number }[];
  sign_flip: { differences: number[]; p_less: number; p_absolute: number }[];
  power: { effect: number; days: number; level: number; power: number }[];
  days_needed: { effect: number; level: number; power: number; days: number }[];
  noncentral_t: { t: number; degrees: number; noncentrality: number; cdf: number }[];
  spending: { kind: Spending; level: number; fractions: number[]; z: number[] }[];
}>('significance/expected.json');

const days = (differences: readonly number[]) => differences.map((difference) => ({ rows: 100, difference }));

describe('corrections for many tests', () => {
  it.each(expected.multiplicity)('equal statsmodels on $p', ({ p, holm, benjamini_hochberg }) => {
    holmAdjusted(p).forEach((adjusted, i) => expect(adjusted).toBeCloseTo(holm[i]!, 12));
    benjaminiHochbergAdjusted(p).forEach((adjusted, i) => expect(adjusted).toBeCloseTo(benjamini_hochberg[i]!, 12));
  });

  it('leave out a test that was not made, and take nothing from nothing', () => {
    expect(holmAdjusted([0.01, NaN, 0.04])).toEqual([0.02, NaN, 0.04]);
    expect(benjaminiHochbergAdjusted([0.01, NaN, 0.04])).toEqual([0.02, NaN, 0.04]);
    expect([holmAdjusted([]), benjaminiHochbergAdjusted([])]).toEqual([[], []]);
  });

  it('never make a p smaller, nor Holm’s smaller than that of Benjamini and Hochberg', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (ps) => {
        const holm = holmAdjusted(ps);
        const share = benjaminiHochbergAdjusted(ps);
        ps.forEach((p, i) => {
          expect(share[i]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
          expect(holm[i]).toBeGreaterThanOrEqual(share[i]! * (1 - 1e-12));
        });
      }),
    );
  });
});

describe('the exact interval of a proportion', () => {
  it.each(expected.proportions)('equals statsmodels on $hits of $trials', ({ hits, trials, level, low, high }) => {
    const found = clopperPearson(hits, trials, level);
    expect(found.low).toBeCloseTo(low, 11);
    expect(found.high).toBeCloseTo(high, 11);
  });

  it('is NaN without trials', () => {
    expect(clopperPearson(0, 0)).toEqual({ share: NaN, low: NaN, high: NaN });
  });
});

describe('the sign-flip test by day', () => {
  it.each(expected.sign_flip)('counts every swap as scipy does', ({ differences, p_less, p_absolute }) => {
    const found = signFlipTest(days(differences));
    expect(found).toMatchObject({ exact: true, swaps: 2 ** differences.length });
    expect(found.pOneSided).toBeCloseTo(p_less, 14);
    expect(found.pTwoSided).toBeCloseTo(p_absolute, 14);
  });

  it('keeps its level exactly for every number of days: over all swaps of the days, no more than the level are found', () => {
    const differences = [3, -1, 0.5, 2.5, 0.1, -4, 1.25];
    let found = 0;
    for (let swaps = 0; swaps < 2 ** 7; swaps += 1) {
      const swapped = differences.map((difference, i) => ((swaps >> i) & 1 ? -difference : difference));
      if (signFlipTest(days(swapped)).pOneSided <= 0.05) found += 1;
    }
    expect(found / 2 ** 7).toBeLessThanOrEqual(0.05);
    expect(found / 2 ** 7).toBeGreaterThan(0.05 - 1 / 2 ** 7);
  });

  it('draws swaps by seed beyond the exact size, near the exact value and never 0', () => {
    const differences = Array.from({ length: EXACT_FLIPS_UP_TO + 1 }, (_, i) => (i % 3) - 1.2);
    const drawn = signFlipTest(days(differences), { draws: 20_000, seed: 4 });
    const exact = signFlipTest(days(differences.slice(1)));
    expect(drawn).toMatchObject({ exact: false, swaps: 20_000 });
    expect(signFlipTest(days(differences), { draws: 20_000, seed: 4 })).toEqual(drawn);
    expect(Math.abs(drawn.pOneSided - exact.pOneSided)).toBeLessThan(0.1);
    expect(signFlipTest(days(new Array<number>(40).fill(-1)), { draws: 99 }).pOneSided).toBe(0.01);
  });

  it('finds nothing without days, without rows, in zeros, and in a NaN', () => {
    expect(signFlipTest([]).pOneSided).toBeNaN();
    expect(signFlipTest([{ rows: 0, difference: 0 }]).pOneSided).toBeNaN();
    expect(signFlipTest(days([1, NaN])).pTwoSided).toBeNaN();
    expect(signFlipTest(days([0, 0, 0]))).toMatchObject({ meanDifference: 0, pOneSided: 1, pTwoSided: 1 });
  });
});

describe('the power of a comparison by days', () => {
  it.each(expected.noncentral_t)('rests on the noncentral t of scipy at $t', ({ t, degrees, noncentrality, cdf }) => {
    expect(noncentralTCdf(t, degrees, noncentrality)).toBeCloseTo(cdf, 9);
  });

  it.each(expected.power)(
    'equals statsmodels for an effect of $effect in $days days',
    ({ effect, days, level, power }) => {
      expect(clusterPower({ improvement: effect, dayDeviation: 1, level }, days)).toBeCloseTo(power, 9);
    },
  );

  it.each(expected.days_needed)(
    'needs the days that statsmodels says for $effect',
    ({ effect, level, power, days }) => {
      const question = { improvement: effect * 3, dayDeviation: 3, level };
      expect(daysNeeded(question, power)).toBe(days);
      expect(detectableImprovement(question, days, power)).toBeLessThanOrEqual(effect * 3);
      expect(detectableImprovement(question, days - 1, power)).toBeGreaterThan(effect * 3);
    },
  );

  it('asks for at least 14 days, and says so when no number of days is enough', () => {
    expect(daysNeeded({ improvement: 10, dayDeviation: 1, level: 0.05 }, 0.8)).toBe(14);
    expect(daysNeeded({ improvement: 1e-6, dayDeviation: 1, level: 0.05 }, 0.8)).toBeNull();
    expect(clusterPower({ improvement: 1, dayDeviation: 1, level: 0.05 }, 1)).toBeNaN();
    expect(clusterPower({ improvement: 1, dayDeviation: 0, level: 0.05 }, 5)).toBe(1);
  });
});

describe('boundaries of repeated looks', () => {
  it.each(expected.spending)('equal the joint normal distribution ($kind, $level)', ({ kind, level, fractions, z }) => {
    const looks = spendingBoundaries(kind, level, fractions);
    looks.forEach((look, i) => expect(Math.abs(look.z - z[i]!)).toBeLessThan(3e-5));
    expect(looks.at(-1)!.spent).toBeCloseTo(spentLevel(kind, level, fractions.at(-1)!), 14);
  });

  it('equal the published table of five equal looks at 0.025 (Jennison and Turnbull 2000)', () => {
    const fifths = [0.2, 0.4, 0.6, 0.8, 1];
    const zs = (kind: Spending) => spendingBoundaries(kind, 0.025, fifths).map(({ z }) => Number(z.toFixed(2)));
    expect(zs('obrien-fleming')).toEqual([4.88, 3.36, 2.68, 2.29, 2.03]);
    expect(zs('pocock')).toEqual([2.44, 2.43, 2.41, 2.4, 2.39]);
  });

  it('keep the level over 20 daily looks, where looking at 0.05 each time does not', () => {
    const random = randomNumbers(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const looks = spendingBoundaries(
      'pocock',
      0.05,
      Array.from({ length: 20 }, (_, i) => (i + 1) / 20),
    );
    const trials = 2000;
    let [kept, naive] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      let sum = 0;
      let [found, foundNaively] = [false, false];
      looks.forEach(({ z }, i) => {
        sum += normal();
        found ||= sum / Math.sqrt(i + 1) >= z;
        foundNaively ||= sum / Math.sqrt(i + 1) >= 1.6449;
      });
      if (found) kept += 1;
      if (foundNaively) naive += 1;
    }
    const { low, high } = clopperPearson(kept, trials, 0.999);
    expect(low).toBeLessThan(0.05);
    expect(high).toBeGreaterThan(0.05);
    expect(naive / trials).toBeGreaterThan(0.15);
  });

  it('are none without looks, one test for one look, and NaN from a look that goes back', () => {
    expect(spendingBoundaries('pocock', 0.05, [])).toEqual([]);
    expect(spendingBoundaries('obrien-fleming', 0.05, [1])[0]!.z).toBeCloseTo(1.6448536, 6);
    const [first, second, third] = spendingBoundaries('pocock', 0.05, [0.5, 0.4, 1]);
    expect(first!.z).toBeGreaterThan(0);
    expect([second!.z, third!.level]).toEqual([NaN, NaN]);
  });
});

describe('superiority', () => {
  const better = Array.from({ length: 14 }, (_, i) => -1 - (i % 4) / 10);

  it('is shown by 14 days that agree, by either test', () => {
    expect(judgeSuperiority(days(better))).toMatchObject({ verdict: 'better', rules: { leastDays: 14 } });
    expect(judgeSuperiority(days(better), { method: 'sign-flip' })).toMatchObject({ verdict: 'better', p: 2 ** -14 });
  });

  it('is never shown by 13 days, nor by too few rows, nor without a number', () => {
    expect(judgeSuperiority(days(better.slice(1))).verdict).toBe('too-little');
    expect(judgeSuperiority(days(better), { leastRows: 1401 }).verdict).toBe('too-little');
    expect(judgeSuperiority(days([...better, NaN])).verdict).toBe('too-little');
    expect(judgeSuperiority([]).verdict).toBe('too-little');
  });

  it('is not shown by days that contradict each other, nor by a worse challenger', () => {
    expect(judgeSuperiority(days(better.map((difference, i) => (i % 2 ? difference : -difference)))).verdict).toBe(
      'not-shown',
    );
    expect(judgeSuperiority(days(better.map((difference) => -difference))).verdict).toBe('not-shown');
  });
});
