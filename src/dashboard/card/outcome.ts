// What a decision and its approval made of one version, in a sentence for its card.
import { shortfall } from '../../domain/gates/shortfall';
import type { CardFacts } from './facts';

type Facts = Pick<CardFacts, 'version' | 'moves'> & { readonly decision: NonNullable<CardFacts['decision']> };

/** Such as `rejected: it failed 1 of 9 gates: base-rate on holdout: 0.71000, needed < 0.69000; version 3 (linear) was proposed`. */
export function outcomeOf({ version: { version, state }, moves, decision }: Facts): string {
  const { proposed, approval, candidates } = decision;
  const instead = proposed ? `version ${proposed.version} (${proposed.contender}) was proposed` : 'none was proposed';
  if (proposed?.version !== version) {
    const gates = candidates.find((each) => each.version === version)?.gates ?? [];
    const [first, ...more] = gates.filter(({ passed }) => !passed);
    const later = moves.length > 0 ? `; it became the champion all the same (${moves.at(-1)!.why}), now ${state}` : '';
    if (!first) return `it passed, but ${instead}${later}`;
    return `rejected: it failed ${more.length + 1} of ${gates.length} gates: ${shortfall(first)}; ${instead}${later}`;
  }
  if (moves.length > 0) return `it became the champion; now ${state}`;
  const comment = approval?.comment ? `: ${approval.comment}` : '';
  switch (approval?.verdict) {
    case 'rejected':
      return `proposed, and rejected by ${approval.by}${comment}`;
    case 'expired':
      return `proposed, and let go because nobody decided in time${comment}`;
    case 'superseded':
      return `proposed, and superseded by a newer proposal${comment}`;
    case 'approved':
      return `proposed, and approved by ${approval.by}${comment}; it has not become the champion`;
    default:
      return 'proposed; nobody has answered';
  }
}
