// The evidence that the gate of a switch uses: its level at each look, Holm over challengers, and its rates of promotion on simulated days.
import { switchGates } from '../../../../src/domain/gates/against';
import { LEAST_SWITCH_DAYS } from '../../../../src/domain/plan/evaluation-plan';
import { randomNumbers } from '../../../../src/domain/random';
import { daysToShow, judgeChallengers } from '../../../../src/statistics/significance/challengers';
import { clusterTotalsTest, type ClusterTotal } from '../../../../src/statistics/significance/cluster-t';
import { holmAdjusted } from '../../../../src/statistics/significance/corrections/multiplicity';
import { clopperPearson } from '../../../../src/statistics/significance/proportions';
import { levelOfLook } from '../../../../src/statistics/significance/corrections/look-levels';
import { SUPERIORITY_LEAST_DAYS } from '../../../../src/statistics/significance/superiority';
import tiny from '../../../models/tiny/model';

const random = randomNumbers(20130101);
const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** Days of unequal size with heavy tails, whose mean difference is `shift` standard deviations of a day. */
const days = (count: number, shift = 0): ClusterTotal[] =>
  Array.from({ length: count }, () => {
    const rows = 80 + Math.floor(40 * random());
    return { rows, difference: rows * (shift + gaussian() * (random() < 0.1 ? 2 : 1)) };
  });
const only = { number: 1, of: 1 };
const level = 0.05;

it('spends the level over all looks and no more, and begins again after the last one', () => {
  for (const looks of [1, 2, 8, 52]) {
    const spent = Array.from({ length: looks }, (_, i) => levelOfLook(level, { number: i + 1, of: looks }));
    expect(spent.every((each) => each > 0)).toBe(true);
    expect(spent.reduce((sum, each) => sum + each, 0)).toBeCloseTo(level, 12);
    expect(levelOfLook(level, { number: looks + 1, of: looks })).toBe(spent[0]);
  }
  expect(levelOfLook(level, { number: 1, of: 8 })).toBeCloseTo(0.05 * Math.log(1 + (Math.E - 1) / 8), 12);
});

it('corrects the challengers of one decision together by Holm, and leaves out one that was not tested', () => {
  const rivals = [days(20, -1), days(20, -0.5), days(20), [{ rows: 100, difference: NaN }]];
  const judged = judgeChallengers(rivals, { look: only });
  const ps = rivals.map((rival) => clusterTotalsTest(rival).pOneSided);
  expect(judged.map(({ pAdjusted }) => pAdjusted)).toEqual(holmAdjusted(ps));
  expect(judged.map(({ tests }) => tests)).toEqual([3, 3, 3, 3]);
  expect(judged.at(-1)?.verdict).toBe('too-little');
});

it('never calls a challenger better on fewer than 14 days, however much better it is', () => {
  const [short, enough] = judgeChallengers([days(13, -5), days(14, -5)], { look: only });
  expect([short?.verdict, enough?.verdict]).toEqual(['too-little', 'better']);
  expect(LEAST_SWITCH_DAYS).toBe(SUPERIORITY_LEAST_DAYS);
});

it('says with how many days the same difference would be shown', () => {
  const unsteady = Array.from({ length: 14 }, (_, i) => ({ rows: 100, difference: 100 * (i % 2 === 0 ? 0.7 : -1.3) }));
  const [unclear] = judgeChallengers([unsteady], { look: { number: 3, of: 8 } });
  expect(unclear?.verdict).toBe('not-shown');
  expect(daysToShow(unclear!)).toBeGreaterThan(14);
  expect(daysToShow(judgeChallengers([days(14, 1)], { look: only })[0]!)).toBeNull();
});

it('is what the gates of a switch pass by: they agree with its verdict in every simulated decision', () => {
  const plan = { ...tiny.plan.evaluation, superiority: { level, minDays: 14, minRows: 1400, looks: 8 } };
  let passed = 0;
  for (let trial = 0; trial < 300; trial += 1) {
    const rival = days(13 + Math.floor(3 * random()), -1.5 * random());
    const look = { number: 1 + (trial % 8), of: 8 };
    const [judged] = judgeChallengers([rival], { level, leastRows: 1400, look });
    const { test, p, pAdjusted, tests, lookLevel, verdict } = judged!;
    const difference = { value: test.meanDifference, low: test.low, high: test.high };
    const holdout = { ...difference, pOneSided: p, n: test.n, days: test.clusters };
    const truth = { ...holdout, value: 0 };
    const comparison = { against: { version: 1, name: 'x' }, holdout, truth, slices: [], gaps: [], notJudged: [] };
    const gates = switchGates(plan, comparison, {
      p,
      pAdjusted,
      tests,
      difference,
      look,
      level: lookLevel,
    });
    const isPromoted = gates.every((gate) => gate.passed);
    expect(isPromoted).toBe(verdict === 'better');
    if (isPromoted) passed += 1;
  }
  expect(passed).toBeGreaterThan(20);
});

/** Some decision of a whole round promotes one of several challengers. */
function promotedInRound(challengers: number, looks: number, shift: number): boolean {
  for (let number = 1; number <= looks; number += 1) {
    const rivals = Array.from({ length: challengers }, () => days(14, shift));
    const judged = judgeChallengers(rivals, { level, leastRows: 1, look: { number, of: looks } });
    if (judged.some(({ verdict }) => verdict === 'better')) return true;
  }
  return false;
}

function rate(trials: number, trial: () => boolean): { readonly low: number; readonly high: number } {
  let found = 0;
  for (let i = 0; i < trials; i += 1) if (trial()) found += 1;
  return clopperPearson(found, trials, 0.999);
}

it('promotes one that is no better at the stated level in a single decision', () => {
  const { low, high } = rate(1000, () => promotedInRound(1, 1, 0));
  expect([low <= level, high >= level]).toEqual([true, true]);
});

it('promotes some of several equal challengers over a whole round of decisions at the stated level at most', () => {
  expect(rate(100, () => promotedInRound(3, 8, 0)).low).toBeLessThanOrEqual(level);
});

it('finds a difference of one deviation of a day at once', () => {
  expect(rate(200, () => promotedInRound(1, 1, -1)).low).toBeGreaterThan(0.8);
});

it('has exact levels over a round of overlapping holdouts: some look finds what is not there at the stated level', () => {
  const [looks, every] = [4, 2];
  const found = rate(400, () => {
    const all = days(14 + every * (looks - 1));
    const seen = (i: number) => all.slice(i * every, i * every + 14);
    const named = (i: number) =>
      Object.fromEntries(seen(i).map(({ difference }, day) => [String(i * every + day), difference]));
    return Array.from({ length: looks }, (_, i) => i).some((i) => {
      const earlier = Array.from({ length: i }, (__, j) => ({ number: j + 1, days: named(j) }));
      const rules = { level, leastRows: 1, look: { number: i + 1, of: looks }, points: 100 };
      const [judged] = judgeChallengers([seen(i)], { ...rules, lookDays: [{ days: named(i), earlier }] });
      expect(judged!.jointly).toHaveLength(i);
      expect(judged!.lookLevel).toBeGreaterThanOrEqual(levelOfLook(level, rules.look));
      return judged!.verdict === 'better';
    });
  });
  expect([found.low <= level, found.high >= level]).toEqual([true, true]);
});
