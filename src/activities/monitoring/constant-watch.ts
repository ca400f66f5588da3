// The constant prediction that a champion has to beat on a day: what the labels of the reference days before it have in common.
import { addDays, type Day } from '../../domain/days';
import type { ModelPlan } from '../../domain/plan/plan';
import { targetOf } from '../../domain/evaluation/task';
import type { RowLoss } from '../../statistics/metrics/row-loss';
import type { DayReader } from '../features/day-features';
import { finite } from '../evaluation/estimates';

/** See {@link createConstantWatch}. */
export interface ConstantWatch {
  /** One prediction: the share of positives, the share of each class, or the mean, over the labelled rows of the reference days; null without any. */
  before(plan: ModelPlan, day: Day, asOf: string): Promise<readonly number[] | null>;
}

/** A day's labels in sum: of numbers their sum, of classes the rows of each. */
interface DayTotals {
  readonly n: number;
  readonly sums: readonly number[];
}

/** Keeps what it has counted, because a day's monitoring asks for four weeks. */
export function createConstantWatch(days: Pick<DayReader, 'labels'>): ConstantWatch {
  const known = new Map<string, DayTotals>();
  return {
    async before(plan, day, asOf) {
      let n = 0;
      let sums: readonly number[] = [];
      for (let back = plan.monitoring.drift.referenceDays; back >= 1; back--) {
        const past = addDays(day, -back);
        const name = JSON.stringify([plan.name, past, plan.task, plan.label]);
        let totals = known.get(name);
        if (!totals) {
          const labels = await days.labels(plan, past, asOf);
          if (!labels) continue;
          totals = { n: labels.size, sums: sumsOf(plan, labels.values()) };
          // Days of the last month may still be corrected; what is older is kept.
          if (back > plan.monitoring.drift.currentDays) known.set(name, totals);
        }
        n += totals.n;
        sums = totals.sums.map((sum, index) => sum + (sums[index] ?? 0));
      }
      return n === 0 ? null : sums.map((sum) => sum / n);
    },
  };
}

/** What of these labels {@link ConstantWatch.before} predicts; null without any. */
export function constantOf(plan: ModelPlan, labels: readonly number[]): readonly number[] | null {
  return labels.length === 0 ? null : sumsOf(plan, labels).map((sum) => sum / labels.length);
}

/** Mean row loss of one constant prediction on these labels; null without labels, or where it is not finite. */
export function constantLoss(
  plan: ModelPlan,
  labels: readonly number[],
  constant: readonly number[],
  rowLoss: RowLoss,
): number | null {
  if (labels.length === 0) return null;
  if (plan.task === 'binary') return crossEntropy(constantOf(plan, labels)![0]!, constant[0]!);
  const losses = rowLoss(
    labels,
    labels.flatMap(() => constant),
  );
  return finite(losses.reduce((sum, loss) => sum + loss, 0) / labels.length);
}

function sumsOf(plan: ModelPlan, labels: Iterable<number>): number[] {
  const { classes } = targetOf(plan);
  const sums = new Array<number>(classes?.length ?? 1).fill(0);
  for (const label of labels) {
    if (classes) sums[label]! += 1;
    else sums[0]! += label;
  }
  return sums;
}

/** Log loss of predicting `predicted` for all rows, of which the share `actual` is positive. */
function crossEntropy(actual: number, predicted: number): number | null {
  return finite(-(actual * Math.log(predicted) + (1 - actual) * Math.log(1 - predicted)));
}
