// How often challengers have tried to displace the same champion before: each decision of a reign is one look at the same question.
import type { Decision } from '../../domain/evaluation/evaluation';
import type { Look } from '../../statistics/significance/challengers';

/** What of a decision says which look it is. */
export type PastDecision = Pick<Decision, 'cycle' | 'champion' | 'candidates'>;

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
): Look {
  const { contender, epoch } = own.champion;
  const first = past.findLastIndex(({ cycle, champion }) => cycle === own.cycle && champion?.epoch === epoch);
  const cycles = new Set<string>();
  for (const { cycle, champion, candidates } of past.slice(first + 1)) {
    if (champion?.contender !== contender) break;
    if (cycle !== own.cycle && candidates.some(({ kind }) => kind === 'switch')) cycles.add(cycle);
  }
  return { number: (cycles.size % looks) + 1, of: looks };
}
