// How often challengers have tried to displace the same champion before: each decision of a reign is one look at the same question.
import type { Decision, LookRecord } from '../../domain/evaluation/evaluation';
import type { LookDays } from '../../statistics/significance/challengers';
import { MOST_JOINT_LOOKS } from '../../statistics/significance/corrections/joint-looks';
import type { DayDifferences } from '../../statistics/significance/corrections/day-correlations';
import type { Look } from '../../statistics/significance/corrections/look-levels';

/** What of a decision says which look it is. */
export type PastDecision = Pick<Decision, 'cycle' | 'champion' | 'candidates'>;

/** An earlier look of the round: what it saw of each challenger that it tested, by contender; null: it was not recorded. */
export interface EarlierLook {
  readonly number: number;
  readonly challengers: Readonly<Record<string, DayDifferences>> | null;
}

/** A look with those before it in its round. Without `earlier` it is judged as decisions were before exact boundaries, by its part of the level. */
export interface LookOfReign extends Look {
  readonly earlier?: readonly EarlierLook[];
}

/**
 * The look that a decision is. A reign lasts while champions are of the same contender: a refresh is the same question on newer data, and would
 * otherwise give challengers a fresh level each week. All decisions of one cycle look at the same rows, so they are one look. After `looks` looks the
 * next round begins.
 * @param past decisions of the model, the newest first; the decision itself may be among them, when it is made a second time.
 */
export function lookOf(
  past: readonly PastDecision[],
  own: { readonly cycle: string; readonly champion: NonNullable<Decision['champion']> },
  looks: number,
): LookOfReign & { readonly earlier: readonly EarlierLook[] } {
  const { contender, epoch } = own.champion;
  const first = past.findLastIndex(({ cycle, champion }) => cycle === own.cycle && champion?.epoch === epoch);
  const cycles = new Map<string, PastDecision[]>();
  for (const decision of past.slice(first + 1)) {
    const { cycle, champion, candidates } = decision;
    if (champion?.contender !== contender) break;
    if (cycle === own.cycle || !candidates.some(({ kind }) => kind === 'switch')) continue;
    cycles.set(cycle, [...(cycles.get(cycle) ?? []), decision]);
  }
  const number = (cycles.size % looks) + 1;
  const earlier = [...cycles.values()]
    .slice(0, number - 1)
    .map((decisions, i): EarlierLook => ({ number: number - 1 - i, challengers: testedIn(decisions) }));
  return { number, of: looks, earlier };
}

/** Of the decisions of one cycle the newest; null where they had other challengers, or did not record what they saw. */
function testedIn(decisions: readonly PastDecision[]): EarlierLook['challengers'] {
  const [newest, ...others] = decisions.map(({ champion, candidates }) => {
    const found: Record<string, DayDifferences> = {};
    for (const { contender, gates } of candidates.filter(({ kind }) => kind === 'switch')) {
      const tested = gates?.find(({ gate, against }) => gate === 'superiority' && against === champion?.version);
      if (tested?.test?.look?.differences === undefined || contender in found) return null;
      if (tested.value !== null) found[contender] = tested.test.look.differences;
    }
    return found;
  });
  if (!newest || others.some((other) => !other || !sameNames(Object.keys(other), Object.keys(newest)))) return null;
  return newest;
}

/** A challenger of the decision, with its summed differences by day. */
export interface OwnChallenger {
  readonly contender: string;
  readonly days: DayDifferences;
  /** Whether it has a p: without one it is no test. */
  readonly isTested: boolean;
}

/** The earlier looks that had exactly these challengers, for each of them in order; and why others are left out, null: none is. */
export function lookDaysOf(
  earlier: readonly EarlierLook[],
  own: readonly OwnChallenger[],
): { readonly lookDays: readonly LookDays[]; readonly leftOut: string | null } {
  const names = own.flatMap(({ contender, isTested }) => (isTested ? [contender] : []));
  const isTwice = new Set(names).size < names.length;
  const same = earlier.filter((each) => each.challengers && sameNames(Object.keys(each.challengers), names));
  const isTooMany = same.length >= MOST_JOINT_LOOKS;
  const taken = isTooMany || isTwice ? [] : same;
  const others = earlier.filter((each) => each.challengers && !same.includes(each));
  const unknown = earlier.filter(({ challengers }) => !challengers);
  const reasons = [
    ...(isTwice && same.length > 0 ? ['a contender with several versions'] : []),
    ...(isTooMany ? [`more than ${MOST_JOINT_LOOKS} looks together`] : []),
    ...(others.length > 0 ? [`look ${numbersOf(others)}: other challengers`] : []),
    ...(unknown.length > 0 ? [`look ${numbersOf(unknown)}: differences by day not recorded`] : []),
  ];
  const lookDays = own.map(({ contender, days, isTested }): LookDays => {
    if (!isTested) return { days, earlier: [] };
    return { days, earlier: taken.map(({ number, challengers }) => ({ number, days: challengers![contender]! })) };
  });
  return { lookDays, leftOut: reasons.join('; ') || null };
}

/** Whether a recorded test is of before exact boundaries, so that it comes out the same only by the rule of that time. */
export function isOfBefore(look: LookRecord | undefined): boolean {
  return look !== undefined && look.spends === undefined;
}

function sameNames(one: readonly string[], two: readonly string[]): boolean {
  return JSON.stringify([...one].sort()) === JSON.stringify([...two].sort());
}

function numbersOf(looks: readonly EarlierLook[]): string {
  return looks
    .map(({ number }) => number)
    .sort((a, b) => a - b)
    .join(', ');
}
