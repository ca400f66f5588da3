// The business metric of a version on the rows that it is judged on: made once, kept with the evaluation, and compared from what is kept.
// Invariant: a decision that is made again needs neither the SQL nor the entity rows of then.
import { createHash } from 'node:crypto';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import { metricByDay } from '../../data/observe/business-metric';
import type {
  BusinessDifference,
  BusinessMeasures,
  BusinessMetricPlan,
  BusinessSet,
} from '../../domain/plan/business-metric';
import type { Measures } from '../../domain/evaluation/evaluation';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import { targetOf } from '../../domain/evaluation/task';
import { jackknifeBounds } from '../../statistics/significance/paired-metrics';
import type { FeatureDependencies } from '../features/featurize';
import type { Matrices } from '../snapshots/matrices';
import { entityPaths } from './entity-rows';
import { estimate } from './estimates';
import type { Predictions } from './measure';
import type { JudgedSet } from './rows';

/** The part of a version's measures that is the business metric; empty where the plan has none. */
export type MeasureBusiness = (
  plan: ModelPlan,
  snapshot: SnapshotRef,
  predictions: Predictions,
  /** What is kept of an earlier evaluation on the same snapshot, used where the metric is the same. */
  kept: Pick<Measures, 'business'> | null,
) => Promise<Pick<Measures, 'business'>>;

/** Whether what is kept is the metric that the plan declares. */
export function isBusinessOf({ evaluation }: ModelPlan, { business }: Pick<Measures, 'business'>): boolean {
  const metric = evaluation.businessMetric;
  return metric === undefined || business?.sqlDigest === sqlDigestOf(metric);
}

/** Fails with MODEL_CODE_FAILED where the metric's SQL does, and with ARTIFACT_MISSING where retention has taken the entity's rows. */
export function createBusinessMeasure(dependencies: FeatureDependencies, matrices: Matrices): MeasureBusiness {
  async function measureSet(
    plan: ModelPlan,
    metric: BusinessMetricPlan,
    snapshot: SnapshotRef,
    { keys, days, labels }: MatrixRows,
    predictions: Float32Array,
  ): Promise<BusinessSet> {
    const { value, n, withoutDay } = await metricByDay(dependencies.engine, {
      part: `evaluation.businessMetric ${metric.name}`,
      sql: metric.sql,
      entityKey: plan.entity.key,
      target: targetOf(plan),
      entityPaths: await entityPaths(dependencies, plan, snapshot, days),
      rows: { keys, days, labels, predictions },
    });
    return { ...withBounds(value, withoutDay), n, days: withoutDay.length, withoutDay };
  }

  return async (plan, snapshot, predictions, kept) => {
    const metric = plan.evaluation.businessMetric;
    if (!metric) return {};
    if (kept?.business && isBusinessOf(plan, kept)) return { business: kept.business };
    const coding = await matrices.signature(snapshot.signature);
    const of = async (set: JudgedSet): Promise<BusinessSet> =>
      measureSet(plan, metric, snapshot, await matrices.read(snapshot[set], coding), predictions[set]);
    const { name, unit, better } = metric;
    const sqlDigest = sqlDigestOf(metric);
    return { business: { name, unit, better, sqlDigest, holdout: await of('holdout'), truth: await of('truth') } };
  };
}

/**
 * The metric of b minus that of a on the same rows, with the delete-one-day jackknife's interval; all null where either has no number, or where
 * they are not of the same metric and days.
 */
export function businessDifference(
  a: BusinessMeasures | undefined,
  b: BusinessMeasures | undefined,
  on: JudgedSet,
): BusinessDifference {
  const [base, other] = [a?.[on], b?.[on]];
  const isSame = a?.sqlDigest === b?.sqlDigest && base?.days === other?.days && base?.n === other?.n;
  if (!base || !other || !isSame || base.value === null || other.value === null)
    return { value: null, low: null, high: null, n: other?.n ?? 0, days: other?.days ?? 0 };
  const without = other.withoutDay.map((value, day) => {
    const theirs = base.withoutDay[day] ?? null;
    return value === null || theirs === null ? null : value - theirs;
  });
  return { ...withBounds(other.value - base.value, without), n: other.n, days: other.days };
}

function withBounds(value: number | null, withoutDay: readonly (number | null)[]): ReturnType<typeof estimate> {
  if (value === null) return { value: null, low: null, high: null };
  const bounds = jackknifeBounds(
    value,
    withoutDay.map((each) => each ?? Number.NaN),
  );
  return estimate({ value, ...bounds });
}

function sqlDigestOf({ sql }: BusinessMetricPlan): string {
  return createHash('sha256').update(sql).digest('hex');
}
