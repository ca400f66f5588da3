// What a challenger's p has to stay below at each of several looks, so that all looks together keep the level.
// Invariant: over the looks of a round, a challenger that is no better passes some look with the chance of the level at most.
import { dayCorrelations, sharedDays, type DayDifferences } from './day-correlations';
import { jointBoundaries, MOST_JOINT_LOOKS } from './joint-looks';
import { spentLevel } from './repeated-looks';

/** Which look this is, counted from 1, of how many that share the level. */
export interface Look {
  readonly number: number;
  readonly of: number;
}

/** An earlier look of the same round at the same challenger. */
export interface EarlierDays {
  readonly number: number;
  readonly days: DayDifferences;
}

/** What the level of a look was solved with. */
export interface JointLook {
  readonly number: number;
  readonly sharedDays: number;
  /** Of that look's statistic with this one's. */
  readonly correlation: number;
}

/**
 * The part of a level that one look spends: Pocock's spending function of Lan and DeMets (1983), level x ln(1 + (e - 1) x t), between the look before
 * and this one, t being looks over all looks. The parts add up to the level, so by Bonferroni's inequality a p below its part keeps the level
 * however the looks depend on each other. A look beyond the last one begins the next round.
 */
export function levelOfLook(level: number, look: Look): number {
  const { spentBefore, spentAfter } = spending(level, look);
  return spentAfter - spentBefore;
}

/** The parts of a level that the looks before this one have spent, and that have been spent after it. */
export function spending(level: number, { number, of }: Look): { spentBefore: number; spentAfter: number } {
  const place = ((number - 1) % of) + 1;
  const spent = (looks: number): number => (looks === 0 ? 0 : spentLevel('pocock', level, looks / of));
  return { spentBefore: spent(place - 1), spentAfter: spent(place) };
}

/** The levels of one challenger at one look. */
export interface LookLevels {
  /** What its p has to stay below: as the only challenger, as one of two, and so on, each of which has its share of the level. Falling. */
  readonly levels: readonly number[];
  /** The earlier looks that were reckoned with, by number. */
  readonly jointly: readonly JointLook[];
}

/**
 * The exact levels: this look is the first to find something with the chance that it may spend, given that no earlier one has, jointly with the
 * earlier looks at the same days (`jointBoundaries`, `dayCorrelations`; as a p, so that it serves the t test by day as group-sequential practice
 * has it, Jennison and Turnbull 2000, section 3.8). With more than {@link MOST_JOINT_LOOKS} looks, the part of the level itself: smaller, so safe.
 * @param most challengers, at least 1.
 * @param earlier the looks of this round that had the same challengers. Leaving one out makes the levels smaller, never wrong.
 */
export function lookLevels(
  level: number,
  look: Look,
  most: number,
  { days, earlier, points }: { days: DayDifferences; earlier: readonly EarlierDays[]; points?: number | undefined },
): LookLevels {
  const shares = Array.from({ length: most }, (_, i) => level / (i + 1));
  const looks = [...earlier].sort((a, b) => a.number - b.number);
  if (looks.length === 0 || looks.length >= MOST_JOINT_LOOKS) {
    return { levels: shares.map((share) => levelOfLook(share, look)), jointly: [] };
  }
  const correlations = dayCorrelations([...looks.map((each) => each.days), days]);
  const levels: number[] = [];
  for (const share of shares) {
    const parts = [...looks, look].map(({ number }) => levelOfLook(share, { number, of: look.of }));
    const found = jointBoundaries(parts, correlations, points).at(-1)!.level;
    // What is known for certain, against the last digits of the integral.
    levels.push(Math.min(levels.at(-1) ?? 1, Math.max(found, parts.at(-1)!)));
  }
  const jointly = looks.map(({ number, days: others }, i) => ({
    number,
    sharedDays: sharedDays(others, days),
    correlation: correlations.at(-1)![i]!,
  }));
  return { levels, jointly };
}
