// The choice among judged candidates, by their verdicts and one rank.
import type { CandidateJudgement, PromotionKind } from '../../../src/domain/evaluation/evaluation';
import { unseenGate } from '../../../src/domain/gates/absolute';
import { choose } from '../../../src/domain/gates/choose';

describe('the choice', () => {
  const judged = (version: number, kind: PromotionKind, passed: boolean): CandidateJudgement => ({
    contender: `c${version}`,
    version,
    kind,
    passed,
    gates: passed ? [] : [unseenGate('champion-unseen', 2, 1, 1)],
    notJudged: [],
  });
  const losses: Readonly<Record<number, number>> = { 1: 0.5, 2: 0.4, 3: 0.3 };
  const loss = (version: number): number => losses[version]!;

  it('takes the passing first version with the least loss', () => {
    const outcome = choose(
      [judged(1, 'first', true), judged(2, 'first', true), judged(3, 'first', false)],
      loss,
      false,
    );
    expect(outcome).toMatchObject({ verdict: 'promote', proposed: { version: 2, kind: 'first' } });
  });

  it('prefers a passing switch to a passing refresh, and a passing refresh to keeping', () => {
    const both = choose([judged(3, 'refresh', true), judged(1, 'switch', true)], loss, true);
    expect(both.proposed).toEqual({ version: 1, contender: 'c1', kind: 'switch' });
    const one = choose([judged(3, 'refresh', true), judged(1, 'switch', false)], loss, true);
    expect(one.proposed).toEqual({ version: 3, contender: 'c3', kind: 'refresh' });
  });

  it('keeps the champion, or rejects without one, when nothing passes, and says why for each', () => {
    const candidates = [judged(1, 'refresh', false), judged(2, 'switch', false)];
    const kept = choose(candidates, loss, true);
    expect({ verdict: kept.verdict, proposed: kept.proposed, reasons: kept.reasons.length }).toEqual({
      verdict: 'keep',
      proposed: null,
      reasons: 2,
    });
    expect(kept.reasons[0]).toContain('champion-unseen');
    expect(choose([], loss, false).verdict).toBe('reject');
  });
});
