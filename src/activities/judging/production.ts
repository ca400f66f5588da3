// The rows of a snapshot that the champion has really served since its promotion, and every candidate on them beside what was served.
// Invariant: nobody was trained on them: they are of the snapshot's holdout and truth set, which no contender of the cycle sees.
import { dayNumber, dayOfNumber } from '../../domain/days';
import type { GateResult, MetricSet } from '../../domain/evaluation/evaluation';
import { gate } from '../../domain/gates/gate';
import type { ModelPlan } from '../../domain/plan/plan';
import { outputRow } from '../../domain/evaluation/predictions';
import { lossName } from '../../domain/evaluation/row-loss';
import { widthOf } from '../../domain/evaluation/task';
import type { ProductionReport } from '../../domain/evaluation/production';
import type { Stores } from '../../ports/stores';
import { rowLossOf } from '../../statistics/metrics/row-loss';
import { clusterTotals, clusterTotalsTest } from '../../statistics/significance/cluster-t';
import type { Judged } from './compare';
import { estimate } from '../evaluation/estimates';
import { measure, type Predictions } from '../evaluation/measure';
import type { JudgedRows, JudgedSet } from '../evaluation/rows';

const SETS: readonly JudgedSet[] = ['holdout', 'truth'];

/** Served rows with their labels. */
export interface ProductionRows {
  readonly rows: JudgedRows;
  /** What the champion answered, row by row. */
  readonly served: Float32Array;
  /** A version's predictions for these rows, out of those for the snapshot's sets. */
  readonly pick: (predictions: Predictions) => Float32Array;
}

/** Rows that this champion has served since the move of this epoch; null where the plan does not ask for them. */
export async function productionRows(
  { predictions, registry }: Pick<Stores, 'predictions' | 'registry'>,
  plan: ModelPlan,
  champion: { readonly version: number; readonly epoch: number },
  sets: Readonly<Record<JudgedSet, JudgedRows>>,
): Promise<ProductionRows | null> {
  if (!plan.evaluation.production) return null;
  const places = SETS.flatMap((set) =>
    (sets[set].keys ?? []).map((key, row) => ({ set, row, key, day: sets[set].days[row]! })),
  );
  const days = places.map(({ day }) => day);
  const promotion = (await registry.moves(plan.name)).find(({ epoch }) => epoch === champion.epoch);
  const { target, trained } = sets.holdout;
  const width = widthOf(target);
  const served = new Map<string, readonly number[]>();
  if (promotion && days.length > 0) {
    const [from, to] = [days.reduce((a, b) => Math.min(a, b)), days.reduce((a, b) => Math.max(a, b))];
    for (const logged of await predictions.list(plan.name, dayOfNumber(from), dayOfNumber(to))) {
      const { version, partition, entityKey, asOf } = logged;
      const output = outputRow(target, logged);
      if (output && version === champion.version && Date.parse(asOf) >= Date.parse(promotion.asOf))
        served.set(`${dayNumber(partition)} ${entityKey}`, output);
    }
  }
  const chosen = places
    .filter(({ set, row }) => sets[set].weights?.[row] !== 0)
    .flatMap((place) => {
      const output = served.get(`${place.day} ${place.key}`);
      return output === undefined ? [] : [{ ...place, output }];
    })
    // By day: truth days lie between those of the holdout.
    .sort((a, b) => a.day - b.day || (a.key < b.key ? -1 : 1));
  return {
    rows: {
      rows: chosen.length,
      labels: Float32Array.from(chosen, ({ set, row }) => sets[set].labels[row]!),
      days: Int32Array.from(chosen, ({ day }) => day),
      category: () => null,
      target,
      trained,
      ...(sets.holdout.weights && {
        weights: Float32Array.from(chosen, ({ set, row }) => sets[set].weights![row]!),
      }),
    },
    served: Float32Array.from(chosen.flatMap(({ output }) => output)),
    pick: (of) =>
      Float32Array.from(chosen.flatMap(({ set, row }) => [...of[set].subarray(row * width, (row + 1) * width)])),
  };
}

/** The declared gates of a candidate on the served rows. Too few rows or days fail, whatever the numbers. */
export function productionGates(
  model: ModelPlan,
  production: ProductionRows | null | undefined,
  champion: { readonly version: number },
  candidate: Judged,
): GateResult[] {
  const { production: plan, nonInferiority } = model.evaluation;
  if (!plan || !production) return [];
  const { rows, served, pick } = production;
  const n = rows.rows;
  const days = new Set(rows.days).size;
  const predictions = pick(candidate.predictions);
  const enough = [
    gate(
      'min-rows',
      'production',
      '>=',
      plan.minRows,
      { value: n, n, days },
      'labelled rows served since the promotion',
    ),
    gate('min-days', 'production', '>=', plan.minDays, { value: days, n, days }, 'days served since the promotion'),
  ];
  const { metrics } = metricsOn(model, rows, predictions);
  const bounds = plan.gates.flatMap(({ metric, min, max }) => {
    const found = { ...(metrics[metric] ?? { value: null, low: null, high: null }), n, days };
    const what = `${metric} on rows served since the promotion`;
    return [
      ...(min === undefined ? [] : [gate(`${metric}-min`, 'production', '>=', min, found, what)]),
      ...(max === undefined ? [] : [gate(`${metric}-max`, 'production', '<=', max, found, what)]),
    ];
  });
  if (plan.nonInferiority === undefined) return [...enough, ...bounds];
  const loss = rowLossOf(rows);
  const losses = [loss(rows.labels, served), loss(rows.labels, predictions)] as const;
  const test = clusterTotalsTest(clusterTotals(...losses, rows.days, rows.weights));
  const difference = estimate({ value: test.meanDifference, low: test.low, high: test.high });
  const isProof = nonInferiority.evidence === 'interval';
  const what = `${lossName(rows.target.task)} minus that of what the champion served`;
  const found = { ...difference, ...(isProof ? { value: difference.high } : {}), n, days };
  const explained = isProof ? `upper end of the 95 % interval of ${what}` : what;
  const notes = { against: champion.version };
  return [
    ...enough,
    ...bounds,
    gate('non-inferiority', 'production', '<=', plan.nonInferiority, found, explained, notes),
  ];
}

/** Champion as served and candidates on the same rows; null without such rows. */
export function productionReport(
  plan: ModelPlan,
  production: ProductionRows | null | undefined,
  candidates: readonly Judged[],
): ProductionReport | null {
  if (!production || production.rows.rows === 0) return null;
  const { rows, served, pick } = production;
  return {
    n: rows.rows,
    days: new Set(rows.days).size,
    champion: metricsOn(plan, rows, served),
    candidates: candidates.map(({ version: { version }, predictions }) => ({
      version,
      metrics: metricsOn(plan, rows, pick(predictions)),
    })),
  };
}

/** As any set is measured, without slices. */
function metricsOn(plan: ModelPlan, rows: JudgedRows, predictions: Float32Array): MetricSet {
  const whole = { ...plan, evaluation: { ...plan.evaluation, slices: [] } };
  return measure(whole, { holdout: rows, truth: rows }, { holdout: predictions, truth: predictions }).holdout;
}
