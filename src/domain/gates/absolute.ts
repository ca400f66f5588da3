// The gates that a version passes or fails by itself: enough rows, better than the base rate, declared bounds, size, latency, fairness.
import type { Footprint, GateResult, Measures } from '../evaluation/evaluation';
import { dayOfNumber } from '../days';
import type { EvaluationPlan, FairnessPlan } from '../plan/evaluation-plan';
import type { ModelPlan } from '../plan/plan';
import { constantName, lossName, meanRowLoss } from '../evaluation/row-loss';
import { gate } from './gate';

/** The gap between the groups that fare best and worst, as it was measured on the holdout. */
export interface GroupGap {
  readonly plan: FairnessPlan;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Rows behind the rates that were compared. */
  readonly n: number;
  readonly days: number;
  readonly lowest: string | null;
  readonly highest: string | null;
  /** Groups that are too small, with the rows behind their rate. */
  readonly tooSmall: readonly { readonly group: string; readonly n: number }[];
}

/** Gates of every candidate. `gaps`: one for each declared fairness bound. */
export function absoluteGates(plan: ModelPlan, measures: Measures, gaps: readonly GroupGap[]): GateResult[] {
  const { holdout, truth, baseRate } = measures;
  const rows = (on: 'holdout' | 'truth', n: number, least: number): GateResult =>
    gate('min-rows', on, '>=', least, { value: n, n }, `labelled rows of the ${on} set`);
  const beats = (on: 'holdout' | 'truth', threshold: number): GateResult => {
    const set = on === 'holdout' ? holdout : truth;
    return gate(
      'base-rate',
      on,
      '<',
      threshold,
      { ...meanRowLoss(set), n: set.n, days: set.days },
      `${lossName(plan.task)} against always predicting ${constantName(plan.task)}, ${on}`,
    );
  };
  return [
    rows('holdout', holdout.n, plan.snapshot.minHoldoutRows),
    rows('truth', truth.n, plan.snapshot.minTruthRows),
    beats('holdout', baseRate.holdoutLogLoss),
    beats('truth', baseRate.truthLogLoss),
    ...boundGates(plan.evaluation.gates, measures),
    ...limitGates(plan.evaluation.limits, measures.footprint),
    ...gaps.map(gapGate),
  ];
}

/** Bounds on metrics, as a definition or a command declares them. */
export function boundGates(bounds: EvaluationPlan['gates'], { holdout, truth }: Measures): GateResult[] {
  return bounds.flatMap(({ metric, on, min, max }) => {
    const set = on === 'holdout' ? holdout : truth;
    const found = { value: null, ...set.metrics[metric], n: set.n, days: set.days };
    return [
      ...(min === undefined ? [] : [gate(`${metric}-min`, on, '>=', min, found, `${metric} on ${on}`)]),
      ...(max === undefined ? [] : [gate(`${metric}-max`, on, '<=', max, found, `${metric} on ${on}`)]),
    ];
  });
}

function limitGates(limits: EvaluationPlan['limits'], footprint: Footprint | undefined): GateResult[] {
  const latency = (kind: 'oneRow' | 'batch', max: number | undefined): GateResult[] => {
    if (max === undefined) return [];
    const { p99Ms: value = null, runs: n = 0, rows = null } = footprint?.[kind] ?? {};
    const name = kind === 'oneRow' ? 'latency-one-row' : 'latency-batch';
    const what = `p99 in ms of scoring ${kind === 'oneRow' ? 'one row' : `${rows ?? 'some'} rows at once`}`;
    return [gate(name, 'model', '<=', max, { value, n }, what, { unit: 'runs' })];
  };
  const size =
    limits.bytes === undefined
      ? []
      : [
          gate(
            'size',
            'model',
            '<=',
            limits.bytes,
            { value: footprint?.bytes ?? null, n: 1 },
            'bytes of the ONNX graph',
            { unit: 'files' },
          ),
        ];
  return [...latency('oneRow', limits.oneRowMs), ...latency('batch', limits.batchMs), ...size];
}

function gapGate({ plan, lowest, highest, ...found }: GroupGap): GateResult {
  const between = lowest === null ? 'fewer than two groups can be compared' : `${highest} against ${lowest}`;
  const explain = `gap in ${plan.metric} between groups of ${plan.column} (${between})`;
  return gate(`fairness-${plan.metric}`, 'holdout', '<=', plan.maxGap, found, explain, { of: plan.column });
}

/** The version was not trained on a day that it is now judged on. */
export function unseenGate(
  name: 'champion-unseen' | 'unseen',
  trainedToDayNumber: number,
  holdoutFromDayNumber: number,
  days: number,
): GateResult {
  const whose = name === 'unseen' ? "the version's" : "the champion's";
  return gate(
    name,
    'data',
    '<',
    holdoutFromDayNumber,
    { value: trainedToDayNumber, n: days, days },
    `${whose} last training day is before the holdout`,
    { unit: 'days', say: dayOfNumber },
  );
}
