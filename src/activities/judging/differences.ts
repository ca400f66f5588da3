// What differs between a recorded decision and the same one made again, in sentences that name gate and numbers.
import type { CandidateJudgement, Decision, GateResult } from '../../domain/evaluation/evaluation';
import { digestOf } from '../digest';

/** Every difference; empty when all numbers are the same. */
export function decisionDifferences(recorded: Decision, found: Decision): string[] {
  const differences: string[] = [];
  const tell = (what: string, was: unknown, is: unknown): void => {
    if (digestOf([was ?? null]) !== digestOf([is ?? null]))
      differences.push(`${what}: recorded ${JSON.stringify(was ?? null)}, recomputed ${JSON.stringify(is ?? null)}`);
  };
  tell('verdict', recorded.verdict, found.verdict);
  tell('proposed', recorded.proposed, found.proposed);
  tell('champion', recorded.champion, found.champion);
  const again = new Map(found.candidates.map((candidate) => [candidate.version, candidate]));
  for (const candidate of recorded.candidates) {
    const other = again.get(candidate.version);
    if (other) differences.push(...gateDifferences(candidate, other));
    else differences.push(`version ${candidate.version} (${candidate.contender}) was not judged again`);
  }
  if (differences.length === 0) tell('reasons', recorded.reasons, found.reasons);
  if (differences.length === 0) tell('digest', recorded.digest, found.digest);
  // A record that was changed in place still names the digest that it had before.
  const { digest, ...content } = recorded;
  if (differences.length === 0) tell('digest of what is recorded', digest, digestOf(content));
  return differences;
}

function gateDifferences(recorded: CandidateJudgement, found: CandidateJudgement): string[] {
  const name = ({ gate, on, of, against }: GateResult): string =>
    `${gate} on ${on}${of ? ` where ${of}` : ''}${against ? ` against version ${against}` : ''}`;
  const whose = `version ${recorded.version} (${recorded.contender})`;
  const again = new Map(found.gates.map((gate) => [name(gate), gate]));
  const differences = recorded.gates.flatMap((gate) => {
    const other = again.get(name(gate));
    again.delete(name(gate));
    if (!other) return [`${whose}: gate ${name(gate)} was not found again`];
    if (digestOf(gate) === digestOf(other)) return [];
    if (digestOf({ ...gate, explanation: '' }) === digestOf({ ...other, explanation: '' }))
      return [`${whose}: gate ${name(gate)}: the same numbers in other words: ${other.explanation}`];
    const shown = ({ value, comparison, threshold, n, passed }: GateResult): string =>
      `${value} ${comparison} ${threshold} on ${n}, ${passed ? 'passed' : 'failed'}`;
    return [`${whose}: gate ${name(gate)}: recorded ${shown(gate)}; recomputed ${shown(other)}`];
  });
  return [...differences, ...[...again.keys()].map((gate) => `${whose}: gate ${gate} was not recorded`)];
}
