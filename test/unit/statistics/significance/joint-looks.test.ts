// Boundaries of looks that overlap: against scipy's joint normal distribution, published tables, and the recursion for growing evidence.
import { normalCdf, normalQuantile } from '../../../../src/statistics/distributions';
import { rapidNormalCdf, rapidNormalQuantile } from '../../../../src/statistics/rational-normal';
import { dayCorrelations, sharedDays } from '../../../../src/statistics/significance/corrections/day-correlations';
import { jointBoundaries, MOST_JOINT_LOOKS } from '../../../../src/statistics/significance/corrections/joint-looks';
import { holmAdjusted, holmAdjustedBy } from '../../../../src/statistics/significance/corrections/multiplicity';
import {
  spendingBoundaries,
  spentLevel,
  type Spending,
} from '../../../../src/statistics/significance/corrections/repeated-looks';
import { readExpected } from '../reference-rows';

const expected = readExpected<{
  tolerance: number;
  cases: { what: string; increments: number[]; correlations: number[][]; z: number[] }[];
  published: Record<Spending, number[]>;
}>('significance/joint-looks.json');

/** Looks at evidence that grows by equal steps. */
function growing(kind: Spending, level: number, looks: number) {
  const fractions = Array.from({ length: looks }, (_, i) => (i + 1) / looks);
  const spent = [0, ...fractions.map((fraction) => spentLevel(kind, level, fraction))];
  const increments = fractions.map((_, i) => spent[i + 1]! - spent[i]!);
  const correlations = fractions.map((a) => fractions.map((b) => Math.sqrt(Math.min(a, b) / Math.max(a, b))));
  return { fractions, increments, correlations };
}

describe('boundaries of looks that overlap', () => {
  it.each(expected.cases)('equal the joint normal distribution of scipy: $what', ({ increments, correlations, z }) => {
    const found = jointBoundaries(increments, correlations);
    found.forEach((look, k) => {
      expect(Math.abs(look.z - z[k]!)).toBeLessThan(expected.tolerance + 5e-4);
      expect(look.level).toBeCloseTo(normalCdf(-look.z), 12);
    });
  });

  it.each(['obrien-fleming', 'pocock'] as const)('equal the published table of five equal looks (%s)', (kind) => {
    const { increments, correlations } = growing(kind, 0.025, 5);
    const zs = jointBoundaries(increments, correlations).map(({ z }) => z);
    expected.published[kind].forEach((z, k) => expect(Math.abs(zs[k]! - z)).toBeLessThan(1e-3));
  });

  it.each([
    ['pocock', 8],
    ['obrien-fleming', MOST_JOINT_LOOKS],
  ] as const)(
    'equal the recursion for growing evidence (%s, %d looks), levels within half a per cent',
    (kind, looks) => {
      const { fractions, increments, correlations } = growing(kind, 0.05, looks);
      const exact = spendingBoundaries(kind, 0.05, fractions);
      jointBoundaries(increments, correlations).forEach(({ level }, k) => {
        expect(Math.abs(level / exact[k]!.level - 1)).toBeLessThan(5e-3);
      });
    },
  );

  it('are the plain increments over what is left where looks share nothing, and never below them', () => {
    const [first, second] = jointBoundaries(
      [0.02, 0.03],
      [
        [1, 0],
        [0, 1],
      ],
    );
    expect(first!.level).toBeCloseTo(0.02, 12);
    expect(second!.level).toBeCloseTo(0.03 / 0.98, 8);
  });

  it('give the second of two looks at the very same evidence all that was spent', () => {
    const [, second] = jointBoundaries(
      [0.01, 0.01],
      [
        [1, 1],
        [1, 1],
      ],
    );
    expect(Math.abs(second!.level - 0.02)).toBeLessThan(1e-4);
  });

  it('are the same to the last bit each time, and refuse what cannot be', () => {
    const { increments, correlations } = growing('pocock', 0.05, 6);
    expect(jointBoundaries(increments, correlations)).toEqual(jointBoundaries(increments, correlations));
    const none = Array.from({ length: 21 }, () => Array.from({ length: 21 }, () => 0));
    expect(() => jointBoundaries(new Array<number>(21).fill(0.001), none)).toThrow('21 looks; allowed: at most 20');
    expect(() => jointBoundaries([0], [[1]])).toThrow('increment 0');
    const impossible = [
      [1, 0.9, -0.9],
      [0.9, 1, 0.9],
      [-0.9, 0.9, 1],
    ];
    expect(() => jointBoundaries([0.01, 0.01, 0.01], impossible)).toThrow('those of some statistics');
  });
});

describe('what two looks have in common', () => {
  const days = (from: number, to: number, difference: (day: number) => number = () => -0.3) =>
    Object.fromEntries(Array.from({ length: to - from + 1 }, (_, i) => [String(from + i), difference(from + i)]));

  it('is the share of shared days where every day weighs the same and the models are the same', () => {
    const looks = [days(1, 14), days(8, 21), days(15, 42)];
    const [[, half, none], [, , part]] = dayCorrelations(looks) as [number[], number[]];
    expect(half).toBeCloseTo(7 / 14, 12);
    expect(none).toBe(0);
    expect(part).toBeCloseTo(7 / Math.sqrt(14 * 28), 12);
    expect([sharedDays(looks[0]!, looks[1]!), sharedDays(looks[0]!, looks[2]!)]).toEqual([7, 0]);
  });

  it('does not change when champion and challenger change places on some days, but when models differ', () => {
    const value = (day: number) => Math.sin(day) + 0.1;
    const swapped = (day: number) => (day % 3 === 0 ? -1 : 1) * value(day);
    const of = (difference: (day: number) => number) =>
      dayCorrelations([days(1, 14, difference), days(8, 21, difference)])[0]![1]!;
    expect(of(swapped)).toBeCloseTo(of(value), 12);
    const other = dayCorrelations([days(1, 14, value), days(8, 21, (day) => value(day + 1.5))])[0]![1]!;
    expect(Math.abs(other)).toBeLessThan(of(value));
  });

  it('is nothing with a look that differs nowhere, or that has no number', () => {
    const looks = [days(1, 14), days(1, 14, () => 0), days(1, 14, () => NaN), {}];
    expect(dayCorrelations(looks).map((row) => row.filter((each) => each !== 0))).toEqual([[1], [1], [1], [1]]);
  });
});

it('Holm’s procedure by critical values of their own is Holm’s where these are shares of one level', () => {
  const ps = [0.03, NaN, 0.001, 0.012];
  const shares = [0.05, 0.025, 0.05 / 3];
  const found = holmAdjustedBy(ps, [shares, shares, shares, shares]);
  holmAdjusted(ps).forEach((p, i) => {
    if (Number.isNaN(p)) expect(found[i]).toBeNaN();
    else expect(found[i]).toBeCloseTo(p, 14);
  });
  // The second test has a laxer boundary: it goes first, and the other then has the whole level.
  const [first, second] = holmAdjustedBy(
    [0.015, 0.02],
    [
      [0.016, 0.008],
      [0.05, 0.025],
    ],
  );
  expect([first! < 0.016, second! < 0.05]).toEqual([true, true]);
});

it('the rational normal distribution equals the slow one', () => {
  for (let x = -37; x < 9; x += 0.37) expect(Math.abs(rapidNormalCdf(x) / normalCdf(x) - 1)).toBeLessThan(1e-8);
  for (let x = -8; x < 9; x += 0.13) expect(Math.abs(rapidNormalCdf(x) - normalCdf(x))).toBeLessThan(3e-15);
  for (const p of [1e-300, 1e-20, 1e-5, 0.01, 0.074, 0.076, 0.3, 0.5, 0.8, 0.93, 1 - 1e-9])
    expect(rapidNormalQuantile(p)).toBeCloseTo(normalQuantile(p), 11);
  expect([rapidNormalCdf(-40), rapidNormalCdf(40), rapidNormalQuantile(0), rapidNormalQuantile(1)]).toEqual([
    0,
    1,
    -Infinity,
    Infinity,
  ]);
  expect([rapidNormalCdf(NaN), rapidNormalQuantile(-0.1)]).toEqual([NaN, NaN]);
});
