// The choice among judged candidates, by their verdicts and one rank.
import type { CandidateJudgement, PromotionKind } from '../../../src/domain/evaluation/evaluation';
import { unseenGate } from '../../../src/domain/gates/absolute';
import { gate } from '../../../src/domain/gates/gate';
import { shortfall } from '../../../src/domain/gates/shortfall';
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

  it('tells the primary metric of all, and what the first failed gate of a loser lacks', () => {
    const metric = { metric: 'log_loss', of: (version: number) => losses[version] ?? null };
    const test = { p: 0.04, pAdjusted: 0.08, tests: 2, difference: { value: -0.0012, low: -0.01, high: 0.008 } };
    const shown = gate('superiority', 'holdout', '<', 0.05, { value: 0.08, n: 900 }, 'one-sided p', { test });
    const gbm = { ...judged(3, 'switch', false), gates: [shown] };
    const { reasons } = choose([judged(1, 'first', true), gbm, judged(2, 'first', true)], loss, false, metric);
    expect(reasons).toEqual([
      'c2 (version 2) passed every gate of a first champion; log_loss on holdout 0.40000',
      'c1 (version 1) passed every gate of a first champion too, but log_loss of c2 is better; log_loss on holdout 0.50000',
      'c3 (version 3) did not pass as a switch: superiority on holdout: not better with evidence: p 0.08000, needed < 0.05000 ' +
        '(difference -0.00120); log_loss on holdout 0.30000',
    ]);
    const switched = choose([judged(3, 'refresh', true), judged(1, 'switch', true)], loss, true).reasons;
    expect(switched[1]).toBe(
      'c3 (version 3) passed every gate of a refresh too, but c1 has shown to be better than it',
    );
  });

  it('says days as dates', () => {
    const late = unseenGate('unseen', 19_828, 19_827, 14);
    expect(late.explanation).toBe(
      "the version's last training day is before the holdout: 2024-04-15 < 2024-04-14 on 14 days does not hold",
    );
    expect(shortfall(late)).toBe('unseen on data: trained up to 2024-04-15, the holdout begins on 2024-04-14');
  });
});
