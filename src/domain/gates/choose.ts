// The choice among judged candidates: a rule over their verdicts and one rank.
import type { CandidateJudgement, PromotionKind, Verdict } from '../evaluation/evaluation';
import { shownNumber } from '../evaluation/shown-numbers';
import { shortfall } from './shortfall';

export interface Outcome {
  readonly verdict: Verdict;
  readonly proposed: { readonly version: number; readonly contender: string; readonly kind: PromotionKind } | null;
  /** On the proposed one first, then on each of the others; where none is proposed, on each. */
  readonly reasons: readonly string[];
}

/** The primary metric on the holdout, for the reasons. */
export interface PrimaryMetric {
  readonly metric: string;
  /** Null: unknown. */
  readonly of: (version: number) => number | null;
}

const KINDS = { first: 'first champion', refresh: 'refresh', switch: 'switch' } as const;

/**
 * Chooses among judged candidates. Without a champion: the passing one with the least loss. With one: a passing switch (which has also beaten
 * the passing refresh) before a passing refresh before keeping. `loss`: the primary measure on the holdout, smaller is better.
 */
export function choose(
  candidates: readonly CandidateJudgement[],
  loss: (version: number) => number,
  hasChampion: boolean,
  primary?: PrimaryMetric,
): Outcome {
  const passing = candidates.filter((candidate) => candidate.passed).sort((a, b) => loss(a.version) - loss(b.version));
  const best =
    passing.find(({ kind }) => kind === 'first' || kind === 'switch') ?? passing.find(({ kind }) => kind === 'refresh');
  if (best) {
    const { version, contender, kind } = best;
    const others = candidates.filter((candidate) => candidate !== best);
    return {
      verdict: 'promote',
      proposed: { version, contender, kind },
      reasons: [
        `${named(best)} passed every gate of a ${KINDS[kind]}${measured(primary, best)}`,
        ...others.map((other) => (other.passed ? whyNot(other, best, primary) : failing(other, primary))),
      ],
    };
  }
  const failed = candidates.map((candidate) => failing(candidate, primary));
  return { verdict: hasChampion ? 'keep' : 'reject', proposed: null, reasons: failed };
}

function named({ contender, version }: CandidateJudgement): string {
  return `${contender} (version ${version})`;
}

function measured(primary: PrimaryMetric | undefined, { version }: CandidateJudgement): string {
  const value = primary?.of(version) ?? null;
  return primary && value !== null ? `; ${primary.metric} on holdout ${shownNumber(value)}` : '';
}

/** A passing one that was not chosen. */
function whyNot(other: CandidateJudgement, best: CandidateJudgement, primary: PrimaryMetric | undefined): string {
  const head = `${named(other)} passed every gate of a ${KINDS[other.kind]} too`;
  const why =
    other.kind === best.kind
      ? `${primary?.metric ?? 'the primary metric'} of ${best.contender} is better`
      : `${best.contender} has shown to be better than it`;
  return `${head}, but ${why}${measured(primary, other)}`;
}

/** A failed one with what its first failed gate lacks. */
function failing(candidate: CandidateJudgement, primary: PrimaryMetric | undefined): string {
  const [first, ...more] = candidate.gates.filter(({ passed }) => !passed);
  const also = more.length === 0 ? '' : ` (and ${more.length} more failed)`;
  const head = `${named(candidate)} did not pass as a ${KINDS[candidate.kind]}`;
  return `${head}: ${first ? shortfall(first) : 'not judged'}${also}${measured(primary, candidate)}`;
}
