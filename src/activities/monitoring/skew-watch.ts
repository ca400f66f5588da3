// Training-serving skew: do the online features of a day, as they were published, equal the offline ones of the same entities and moments?
import { viewDigest } from '../../data/derive/view-inputs';
import { compareFeatures } from '../../statistics/skew';
import type { Day } from '../../domain/days';
import type { SkewReport } from '../../domain/monitoring/monitoring';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DayFeatures } from '../features/day-features';
import type { DataDependencies } from '../dependencies';

/** Entities that are compared at most; always the same ones of a day. */
const SAMPLED_ENTITIES = 500;

export interface SkewWatch {
  /** `plan`: the one that feeds the champion; `offline`: the day's features by its views, as training would read them now; null: there are none. */
  ofDay(plan: ModelPlan, day: Day, offline: DayFeatures | null): Promise<SkewReport>;
}

/** Compares what PostgreSQL serves with what the feature partitions say. */
export function createSkewWatch({ stores }: Pick<DataDependencies, 'stores'>): SkewWatch {
  return {
    async ofDay(plan, day, offline) {
      if (!offline || !plan.online.enabled) return { compared: 0, differing: 0, worst: null };
      const rowOf = new Map(offline.keys.map((key, row) => [key, row]));
      const wanted = new Map(plan.features.map((view) => [viewDigest(plan, view), Object.keys(view.features)]));
      const online = await stores.online.sample(plan.name, day, SAMPLED_ENTITIES);
      const pairs = online.flatMap(({ viewDigest: digest, entityKey, eventTime, features }) => {
        const row = rowOf.get(entityKey);
        // Another moment of the entity, or one that the day no longer has, says nothing about how values are computed.
        if (row === undefined || offline.eventTimes[row] !== eventTime) return [];
        const values = offline.rows[row]!;
        return (wanted.get(digest) ?? []).map((feature) => {
          return { key: entityKey, feature, online: features[feature] ?? null, offline: values[feature] ?? null };
        });
      });
      return compareFeatures(pairs);
    },
  };
}
