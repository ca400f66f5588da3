// Two versions on exactly the same rows of the same snapshot (invariant 5): whole sets, slices, groups. A version is never compared with itself.
import type { GateTest, Measures } from '../../domain/evaluation/evaluation';
import type { EvaluationPlan } from '../../domain/plan/evaluation-plan';
import { UnderstudyError } from '../../domain/failures';
import type { Comparison, GapIncrease, PairedDifference, SliceDifference } from '../../domain/gates/against';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { lossName } from '../../domain/evaluation/row-loss';
import { groupGapIncrease } from '../../statistics/metrics/group-gap';
import { rowLossOf } from '../../statistics/metrics/row-loss';
import {
  clusterTotals,
  clusterTotalsTest,
  weightOfTotal,
  type ClusterTotal,
  type PairedClusterTest,
} from '../../statistics/significance/cluster-t';
import { holmAdjusted } from '../../statistics/significance/corrections/multiplicity';
import { estimate, finite } from '../evaluation/estimates';
import { groupedRows, type Predictions } from '../evaluation/measure';
import { slicesOf, type JudgedRows, type JudgedSet } from '../evaluation/rows';

/** A version with what was measured of it, and its predictions for the same rows as everybody's. */
export interface Judged {
  readonly version: ModelVersion;
  readonly measures: Measures;
  readonly predictions: Predictions;
}

/** The comparison, with the holdout's days that the evidence for a switch is drawn from. */
export interface PairedRows {
  readonly comparison: Comparison;
  readonly holdoutDays: readonly ClusterTotal[];
}

/** The candidate against the base. `name`: what a person calls the base, such as `the champion`. Fails with VERSION_NOT_ALLOWED for one version twice. */
export function compare(
  { slices, sliceMinRows, sliceGate, fairness }: EvaluationPlan,
  rows: Readonly<Record<JudgedSet, JudgedRows>>,
  base: Judged,
  candidate: Judged,
  name: string,
): PairedRows {
  const [holdoutDays, truthDays] = [
    dayTotals(rows.holdout, 'holdout', base, candidate),
    dayTotals(rows.truth, 'truth', base, candidate),
  ];
  const cut = slicesOf(rows.holdout, slices, sliceMinRows);
  const loss = rowLossOf(rows.holdout);
  const losses = {
    base: loss(rows.holdout.labels, base.predictions.holdout),
    candidate: loss(rows.holdout.labels, candidate.predictions.holdout),
  };
  const tested = cut.slices.map(({ name: slice, rows: members, days }) => {
    const pick = (values: ArrayLike<number>): number[] => members.map((row) => values[row]!);
    const { weights } = rows.holdout;
    const own = weights && pick(weights);
    const totals = clusterTotals(pick(losses.base), pick(losses.candidate), pick(rows.holdout.days), own);
    return { slice, n: members.length, days, totals };
  });
  const ps = tested.map(({ totals }) => pWorse(totals, sliceGate.margin));
  const adjusted = holmAdjusted(ps);
  const comparison: Comparison = {
    against: { version: base.version.version, name },
    loss: lossName(rows.holdout.target.task),
    holdout: difference(clusterTotalsTest(holdoutDays)),
    truth: difference(clusterTotalsTest(truthDays)),
    slices: tested.map(({ slice, n, days, totals }, i): SliceDifference => {
      const { meanDifference: value, low, high } = clusterTotalsTest(totals);
      const worse: GateTest = {
        p: finite(ps[i]!),
        pAdjusted: finite(adjusted[i]!),
        tests: ps.length,
        difference: estimate({ value, low, high }),
      };
      return { slice, n, days, worse };
    }),
    gaps: fairness.map((plan): GapIncrease => {
      const grouped = groupedRows(rows.holdout, plan.column);
      if (!grouped) return { plan, value: null, low: null, high: null, n: 0, days: 0 };
      const probabilities = { a: base.predictions.holdout, b: candidate.predictions.holdout };
      const { n, days, ...found } = groupGapIncrease(grouped, probabilities, plan);
      return { plan, ...estimate(found), n, days };
    }),
    notJudged: cut.tooSmall,
  };
  return { comparison, holdoutDays };
}

/** The difference of mean row loss (candidate minus base) on one set. Fails with VERSION_NOT_ALLOWED for one version twice. */
export function pairedDifference(rows: JudgedRows, set: JudgedSet, base: Judged, candidate: Judged): PairedDifference {
  return difference(clusterTotalsTest(dayTotals(rows, set, base, candidate)));
}

function dayTotals(rows: JudgedRows, set: JudgedSet, base: Judged, candidate: Judged): ClusterTotal[] {
  if (base.version.version === candidate.version.version) {
    throw new UnderstudyError('VERSION_NOT_ALLOWED', `version ${base.version.version} would be compared with itself`);
  }
  const rowLoss = rowLossOf(rows);
  const loss = ({ predictions }: Judged): Float64Array => rowLoss(rows.labels, predictions[set]);
  return clusterTotals(loss(base), loss(candidate), rows.days, rows.weights);
}

function difference({ meanDifference, low, high, pOneSided, n, clusters }: PairedClusterTest): PairedDifference {
  return { ...estimate({ value: meanDifference, low, high }), pOneSided: finite(pOneSided), n, days: clusters };
}

/** One-sided p against the alternative that the mean difference is above the margin. */
function pWorse(totals: readonly ClusterTotal[], margin: number): number {
  const beyond = totals.map((total) => ({ ...total, difference: weightOfTotal(total) * margin - total.difference }));
  return clusterTotalsTest(beyond).pOneSided;
}
