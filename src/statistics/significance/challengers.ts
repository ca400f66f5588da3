// The evidence of all challengers of one decision against the same champion, looked at again decision after decision.
// Invariant: over `looks` decisions in a row, some challenger that is no better is called better with chance `level` at most.
import type { ClusterTotal } from './cluster-t';
import { holmAdjusted } from './corrections/multiplicity';
import { spentLevel } from './corrections/repeated-looks';
import { daysNeeded } from './power';
import { judgeSuperiority, type Superiority, type SuperiorityRules } from './superiority';

/** Which look this is, counted from 1, of how many that share the level. */
export interface Look {
  readonly number: number;
  readonly of: number;
}

/** One challenger's evidence. Its verdict is `better` when the adjusted p is below the look's level, the mean difference below 0, and rows and days are enough. */
export interface JudgedChallenger extends Superiority {
  /** By Holm, over all challengers of the decision. */
  readonly pAdjusted: number;
  readonly tests: number;
  /** The part of the level that this look may spend. */
  readonly lookLevel: number;
}

/**
 * The part of a level that one look spends: Pocock's spending function of Lan and DeMets (1983), level x ln(1 + (e - 1) x t), between the look before
 * and this one, t being looks over all looks. The parts add up to the level, so by Bonferroni's inequality it holds however the looks depend on
 * each other. (Holdouts of decisions overlap in part and models are trained anew, so the exact boundaries for growing evidence do not apply.)
 * A look beyond the last one begins the next round.
 */
export function levelOfLook(level: number, { number, of }: Look): number {
  const place = ((number - 1) % of) + 1;
  const spent = (looks: number): number => (looks === 0 ? 0 : spentLevel('pocock', level, looks / of));
  return spent(place) - spent(place - 1);
}

const POWER = 0.8;

/** Judges the days' totals of each challenger minus the champion, in the order given. A p that is NaN is no test and stays NaN. */
export function judgeChallengers(
  challengers: readonly (readonly ClusterTotal[])[],
  rules: SuperiorityRules & { readonly look: Look },
): JudgedChallenger[] {
  const { look, ...alone } = rules;
  const judged = challengers.map((days) => judgeSuperiority(days, alone));
  const adjusted = holmAdjusted(judged.map(({ p }) => p));
  const tests = judged.filter(({ p }) => !Number.isNaN(p)).length;
  return judged.map((each, i) => {
    const pAdjusted = adjusted[i]!;
    const lookLevel = levelOfLook(each.rules.level, look);
    const isBetter = each.test.meanDifference < 0 && pAdjusted < lookLevel;
    const verdict = each.verdict === 'too-little' ? each.verdict : isBetter ? 'better' : 'not-shown';
    return { ...each, verdict, pAdjusted, tests, lookLevel };
  });
}

/**
 * Days with which a challenger's difference, at this spread of days, would be found at this look with chance 0.8; null: over ten years, or there is
 * no improvement.
 */
export function daysToShow({ test, rules, lookLevel }: JudgedChallenger): number | null {
  const { meanDifference, standardError, clusters } = test;
  if (!(meanDifference < 0) || !(standardError >= 0)) return null;
  const question = {
    improvement: -meanDifference,
    dayDeviation: standardError * Math.sqrt(clusters),
    level: lookLevel,
  };
  return daysNeeded(question, POWER, { leastDays: rules.leastDays });
}
