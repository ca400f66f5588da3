// The choice among judged candidates: a rule over their verdicts and one rank.
import type { CandidateJudgement, PromotionKind, Verdict } from '../evaluation/evaluation';

export interface Outcome {
  readonly verdict: Verdict;
  readonly proposed: { readonly version: number; readonly contender: string; readonly kind: PromotionKind } | null;
  readonly reasons: readonly string[];
}

/**
 * Chooses among judged candidates. Without a champion: the passing one with the least loss. With one: a passing switch (which has also beaten
 * the passing refresh) before a passing refresh before keeping. `loss`: the primary measure on the holdout, smaller is better.
 */
export function choose(
  candidates: readonly CandidateJudgement[],
  loss: (version: number) => number,
  hasChampion: boolean,
): Outcome {
  const passing = candidates.filter((candidate) => candidate.passed).sort((a, b) => loss(a.version) - loss(b.version));
  const best =
    passing.find(({ kind }) => kind === 'first' || kind === 'switch') ?? passing.find(({ kind }) => kind === 'refresh');
  if (best) {
    const { version, contender, kind } = best;
    return {
      verdict: 'promote',
      proposed: { version, contender, kind },
      reasons: [`${contender} (version ${version}) passed every gate of a ${kind}`],
    };
  }
  const failed = candidates.map(({ contender, kind, gates }) => {
    const first = gates.find(({ passed }) => !passed);
    return `${contender} (${kind}): ${first ? `${first.gate} on ${first.on}: ${first.explanation}` : 'not judged'}`;
  });
  return { verdict: hasChampion ? 'keep' : 'reject', proposed: null, reasons: failed };
}
