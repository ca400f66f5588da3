// The evidence of all challengers of one decision against the same champion, looked at again decision after decision.
// Invariant: over `looks` decisions in a row, some challenger that is no better is called better with chance `level` at most.
import type { ClusterTotal } from './cluster-t';
import type { DayDifferences } from './corrections/day-correlations';
import { holmAdjusted, holmAdjustedBy } from './corrections/multiplicity';
import { levelOfLook, lookLevels, type EarlierDays, type JointLook, type Look } from './corrections/look-levels';
import { daysNeeded } from './power';
import { judgeSuperiority, type Superiority, type SuperiorityRules } from './superiority';

/** What this look and the earlier ones of its round saw of one challenger, for the exact level. */
export interface LookDays {
  readonly days: DayDifferences;
  /** Only looks with exactly the challengers of this one: see {@link judgeChallengers}. */
  readonly earlier: readonly EarlierDays[];
}

/** One challenger's evidence. Its verdict is `better` when the adjusted p is below the look's level, the mean difference below 0, and rows and days are enough. */
export interface JudgedChallenger extends Superiority {
  /** By Holm, over all challengers of the decision. */
  readonly pAdjusted: number;
  readonly tests: number;
  /** What the adjusted p has to stay below at this look. */
  readonly lookLevel: number;
  /** The earlier looks that this level was solved with. Empty: it is the part of the level that the look may spend. */
  readonly jointly: readonly JointLook[];
}

const POWER = 0.8;

/**
 * Judges the days' totals of each challenger minus the champion, in the order given. A p that is NaN is no test and stays NaN.
 *
 * With `lookDays` each challenger has its own exact level for this look, and Holm's procedure goes through these levels. It is the short cut of
 * a closed test: of any s of the challengers, each has the share level / s over all looks, and some look calls one of them better with the chance of
 * the level at most, because first findings add up. That needs the same s at the looks taken together, hence only looks with the same challengers;
 * looks with others count by Bonferroni's inequality, which their parts of the level satisfy. Without `lookDays` all do.
 * @param rules `lookDays`: one per challenger; `points` of the integral, default 4,000.
 */
export function judgeChallengers(
  challengers: readonly (readonly ClusterTotal[])[],
  rules: SuperiorityRules & { readonly look: Look; readonly lookDays?: readonly LookDays[]; readonly points?: number },
): JudgedChallenger[] {
  const { look, lookDays, points, ...alone } = rules;
  const judged = challengers.map((days) => judgeSuperiority(days, alone));
  const ps = judged.map(({ p }) => p);
  const tests = ps.filter((p) => !Number.isNaN(p)).length;
  const solved = lookDays?.map((seen, i) => {
    const earlier = Number.isNaN(ps[i]!) ? [] : seen.earlier;
    return lookLevels(judged[i]!.rules.level, look, Math.max(tests, 1), { days: seen.days, earlier, points });
  });
  const adjusted = solved
    ? holmAdjustedBy(
        ps,
        solved.map(({ levels }) => levels),
      )
    : holmAdjusted(ps);
  return judged.map((each, i) => {
    const pAdjusted = adjusted[i]!;
    const lookLevel = solved?.[i]?.levels[0] ?? levelOfLook(each.rules.level, look);
    const isBetter = each.test.meanDifference < 0 && pAdjusted < lookLevel;
    const verdict = each.verdict === 'too-little' ? each.verdict : isBetter ? 'better' : 'not-shown';
    return { ...each, verdict, pAdjusted, tests, lookLevel, jointly: solved?.[i]?.jointly ?? [] };
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
