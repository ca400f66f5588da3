// The gates of a candidate against another version on the same rows: refresh, switch, slices, fairness.
import type { GateResult, GateTest, LookRecord } from '../evaluation/evaluation';
import type { EvaluationPlan, FairnessPlan } from '../plan/evaluation-plan';
import { lossName } from '../evaluation/row-loss';
import { gate } from './gate';

/** Difference of mean row loss (candidate minus the other) on the same rows, tested in clusters of days. */
export interface PairedDifference {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Against the alternative that the candidate's loss is smaller. */
  readonly pOneSided: number | null;
  readonly n: number;
  readonly days: number;
}

/** The difference on the rows of one slice. */
export interface SliceDifference {
  /** Such as `carrier = AA`. */
  readonly slice: string;
  readonly n: number;
  readonly days: number;
  /** Against the alternative that the candidate is worse by more than the margin; corrected over all slices of the comparison. */
  readonly worse: GateTest;
}

/** How much wider a gap of the candidate is than the other's on the same rows. */
export interface GapIncrease {
  readonly plan: FairnessPlan;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly days: number;
}

/** A candidate against one other version. */
export interface Comparison {
  /** The other version, as a number and as a person calls it. */
  readonly against: { readonly version: number; readonly name: string };
  /** What the loss of a row is called. Default `log loss`. */
  readonly loss?: string;
  readonly holdout: PairedDifference;
  readonly truth: PairedDifference;
  readonly slices: readonly SliceDifference[];
  readonly gaps: readonly GapIncrease[];
  /** Slices that are too small, each in a clause. */
  readonly notJudged: readonly string[];
}

/** The evidence for a switch: tested together with the other challengers of the decision, at one of several looks. */
export interface Evidence extends GateTest {
  /** What the adjusted p has to stay below at this look. */
  readonly level: number;
}

const LOG_LOSS = lossName('binary');

/** Refresh: not worse than the champion beyond the margins. */
export function refreshGates(plan: EvaluationPlan, comparison: Comparison): GateResult[] {
  return [
    nonInferiority(plan, comparison, 'holdout'),
    nonInferiority(plan, comparison, 'truth'),
    ...partGates(plan, comparison),
  ];
}

function nonInferiority(
  { nonInferiority: { evidence, ...margins } }: EvaluationPlan,
  { against, loss = LOG_LOSS, ...comparison }: Comparison,
  on: 'holdout' | 'truth',
): GateResult {
  const difference = comparison[on];
  const what = `${loss} minus that of ${against.name}, ${on === 'truth' ? 'truth set' : on}`;
  const isProof = evidence === 'interval';
  return gate(
    'non-inferiority',
    on,
    '<=',
    margins[on],
    isProof ? { ...difference, value: difference.high } : difference,
    isProof ? `upper end of the 95 % interval of ${what}` : what,
    { against: against.version },
  );
}

/** Switch: better with evidence on the holdout, and not worse on the truth set beyond the margin. */
export function switchGates(plan: EvaluationPlan, comparison: Comparison, evidence: Evidence): GateResult[] {
  const { superiority } = plan;
  const { holdout, against, loss = LOG_LOSS } = comparison;
  const { n, days } = holdout;
  const notes = { against: against.version };
  const { level, ...test } = evidence;
  const look = test.look ? `, at look ${lookText(test.look)}` : '';
  return [
    gate(
      'min-days',
      'holdout',
      '>=',
      superiority.minDays,
      { value: days, n, days },
      'holdout days for a switch',
      notes,
    ),
    gate('min-rows-switch', 'holdout', '>=', superiority.minRows, { value: n, n }, 'holdout rows for a switch', notes),
    gate('better', 'holdout', '<', 0, holdout, `${loss} minus that of ${against.name}, holdout`, notes),
    gate(
      'superiority',
      'holdout',
      '<',
      level,
      { value: test.pAdjusted, n, days },
      `one-sided p against ${against.name}, clustered by day, of ${test.tests} challenger${test.tests === 1 ? '' : 's'} by Holm${look}`,
      { ...notes, test },
    ),
    nonInferiority(plan, comparison, 'truth'),
    ...partGates(plan, comparison),
  ];
}

/** Which look, and how its critical p came about where the record says so. */
function lookText({ number, of, spentBefore, spends, jointly }: LookRecord): string {
  if (spentBefore === undefined || spends === undefined) return `${number} of ${of}`;
  const shown = (level: number): string => level.toFixed(5);
  const others = (jointly ?? []).map((each) => `${each.number} (${each.correlation.toFixed(2)})`).join(', ');
  const joint = others && `, jointly with look ${others}`;
  return `${number} of ${of} (${shown(spentBefore)} spent before, ${shown(spends)} to spend${joint})`;
}

/** Slices and groups: of refresh and switch alike. */
function partGates(
  { sliceGate }: EvaluationPlan,
  { against, loss = LOG_LOSS, slices, gaps }: Comparison,
): GateResult[] {
  const notes = { against: against.version };
  return [
    ...slices.map((slice) => sliceVerdict(sliceGate, slice, against, loss)),
    ...gaps.map(({ plan, ...increase }) =>
      gate(
        `fairness-${plan.metric}-increase`,
        'holdout',
        '<=',
        plan.maxIncrease,
        increase,
        `gap in ${plan.metric} between groups of ${plan.column} minus that of ${against.name}`,
        { ...notes, of: plan.column },
      ),
    ),
  ];
}

/** A slice is judged by its evidence, not by its value: of many slices some are worse by chance. */
function sliceVerdict(
  { margin, level }: EvaluationPlan['sliceGate'],
  { slice, n, days, worse }: SliceDifference,
  against: Comparison['against'],
  loss: string,
): GateResult {
  const { value, low, high } = worse.difference;
  const shown = [value, low, high].map((each) => each?.toFixed(5) ?? 'unknown');
  const what =
    `one-sided p that ${loss} is above that of ${against.name} by more than ${margin} where ${slice} ` +
    `(difference ${shown[0]} [${shown[1]}, ${shown[2]}]), of ${worse.tests} slices by Holm`;
  const notes = { of: slice, against: against.version, test: worse };
  return gate('slice', 'holdout', '>=', level, { value: worse.pAdjusted, n, days }, what, notes);
}
