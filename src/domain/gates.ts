// The gates of a decision as pure rules over recorded numbers: the same numbers give the same verdict, at any time and on any machine.
import type { CandidateJudgement, Evaluation, GateResult, PromotionKind, Verdict } from './evaluation';
import type { EvaluationPlan, ModelPlan } from './plan';

/** Difference of mean row log loss (candidate minus the other) on the same rows, tested in clusters of days. */
export interface PairedDifference {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Against the alternative that the candidate's loss is smaller. */
  readonly pOneSided: number | null;
  readonly n: number;
  readonly days: number;
}

export interface Comparison {
  readonly holdout: PairedDifference;
  readonly truth: PairedDifference;
}

function gate(
  name: string,
  on: GateResult['on'],
  comparison: GateResult['comparison'],
  threshold: number,
  found: {
    readonly value: number | null;
    readonly low?: number | null;
    readonly high?: number | null;
    readonly n: number;
  },
  explain: string,
): GateResult {
  const { value } = found;
  // No number is no evidence: a gate without one fails (invariant 6).
  const passed = value !== null && compare(value, comparison, threshold);
  const shown = value === null ? 'unknown' : value.toFixed(5);
  return {
    gate: name,
    on,
    value,
    low: found.low ?? null,
    high: found.high ?? null,
    threshold,
    comparison,
    n: found.n,
    passed,
    explanation: `${explain}: ${shown} ${comparison} ${threshold.toFixed(5)} on ${found.n} rows ${passed ? 'holds' : 'does not hold'}`,
  };
}

function compare(value: number, comparison: GateResult['comparison'], threshold: number): boolean {
  switch (comparison) {
    case '<=':
      return value <= threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '>':
      return value > threshold;
  }
}

/** Gates of every candidate: enough rows, better than the base rate, and the definition's absolute ones. */
export function absoluteGates(plan: ModelPlan, evaluation: Evaluation): GateResult[] {
  const { holdout, truth, baseRate } = evaluation;
  const rows = (on: 'holdout' | 'truth', n: number, least: number): GateResult =>
    gate('min-rows', on, '>=', least, { value: n, n }, `labelled rows of the ${on} set`);
  const beats = (on: 'holdout' | 'truth', threshold: number): GateResult => {
    const set = on === 'holdout' ? holdout : truth;
    return gate(
      'base-rate',
      on,
      '<',
      threshold,
      { ...set.metrics.log_loss, n: set.n },
      `log loss against always predicting the base rate, ${on}`,
    );
  };
  const declared = plan.evaluation.gates.flatMap(({ metric, on, min, max }) => {
    const set = on === 'holdout' ? holdout : truth;
    const found = { ...set.metrics[metric], n: set.n };
    return [
      ...(min === undefined ? [] : [gate(`${metric}-min`, on, '>=', min, found, `${metric} on ${on}`)]),
      ...(max === undefined ? [] : [gate(`${metric}-max`, on, '<=', max, found, `${metric} on ${on}`)]),
    ];
  });
  return [
    rows('holdout', holdout.n, plan.snapshot.minHoldoutRows),
    rows('truth', truth.n, plan.snapshot.minTruthRows),
    beats('holdout', baseRate.holdoutLogLoss),
    beats('truth', baseRate.truthLogLoss),
    ...declared,
  ];
}

/** The champion was not trained on a day that it is now compared on. */
export function unseenGate(championTrainedToDayNumber: number, holdoutFromDayNumber: number, days: number): GateResult {
  return gate(
    'champion-unseen',
    'data',
    '<',
    holdoutFromDayNumber,
    { value: championTrainedToDayNumber, n: days },
    "the champion's last training day (days since 1970-01-01) is before the holdout",
  );
}

/** Refresh: not worse than the champion beyond the margins. */
export function refreshGates({ nonInferiority }: EvaluationPlan, { holdout, truth }: Comparison): GateResult[] {
  return [
    gate('non-inferiority', 'holdout', '<=', nonInferiority.holdout, holdout, 'log loss minus the champion’s, holdout'),
    gate('non-inferiority', 'truth', '<=', nonInferiority.truth, truth, 'log loss minus the champion’s, truth set'),
  ];
}

/** Switch: better with evidence on the holdout, and not worse on the truth set beyond the margin. `against`: whom it is compared with. */
export function switchGates(
  { superiority, nonInferiority }: EvaluationPlan,
  { holdout, truth }: Comparison,
  against: string,
): GateResult[] {
  return [
    gate(
      'min-days',
      'holdout',
      '>=',
      superiority.minDays,
      { value: holdout.days, n: holdout.n },
      'holdout days for a switch',
    ),
    gate(
      'min-rows-switch',
      'holdout',
      '>=',
      superiority.minRows,
      { value: holdout.n, n: holdout.n },
      'holdout rows for a switch',
    ),
    gate('better', 'holdout', '<', 0, holdout, `log loss minus that of ${against}, holdout`),
    gate(
      'superiority',
      'holdout',
      '<',
      superiority.level,
      { value: holdout.pOneSided, n: holdout.n },
      `one-sided p against ${against}, clustered by day`,
    ),
    gate('non-inferiority', 'truth', '<=', nonInferiority.truth, truth, `log loss minus that of ${against}, truth set`),
  ];
}

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
