// Drift of every feature: the current days against the days before them, and beside it against the champion's training rows.
import type { FeatureSample } from '../../data/observe/drift-samples';
import { addDays, daysBetween, type Day } from '../../domain/days';
import type { FeatureDrift } from '../../domain/monitoring/monitoring';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import {
  countByCutPoints,
  psiCategories,
  psiNumeric,
  psiOfCounts,
  quantileCutPoints,
} from '../../statistics/drift/psi';
import { missingShare, sortedPresent } from '../../statistics/drift/samples';
import type { DayReader } from '../features/day-features';
import type { DataDependencies } from '../dependencies';
import { finite } from '../evaluation/estimates';
import type { Matrices } from '../snapshots/matrices';
import { createWindowSamples } from './window-samples';

/** A training feature, kept as counts: the rows are read once per champion. */
type TrainingProfile =
  | { readonly cuts: readonly number[]; readonly counts: readonly number[] }
  | { readonly values: ReadonlyMap<string, number> };

export interface DriftWatch {
  features(plan: ModelPlan, day: Day, training: SnapshotRef | null): Promise<FeatureDrift[]>;
}

/** The days before the current window that it is compared with. */
export function referenceDays({ monitoring: { drift } }: ModelPlan, day: Day): Day[] {
  return daysBetween(addDays(day, 1 - drift.currentDays - drift.referenceDays), addDays(day, -drift.currentDays));
}

export function currentDays({ monitoring: { drift } }: ModelPlan, day: Day): Day[] {
  return daysBetween(addDays(day, 1 - drift.currentDays), day);
}

export function createDriftWatch(dependencies: DataDependencies, days: DayReader, matrices: Matrices): DriftWatch {
  const samples = createWindowSamples(dependencies, days);
  const profiles = new Map<string, Promise<Map<string, TrainingProfile>>>();

  async function profileOf(snapshot: SnapshotRef): Promise<Map<string, TrainingProfile>> {
    const coding = await matrices.signature(snapshot.signature);
    const profile = new Map<string, TrainingProfile>();
    const columns = new Map(coding.columns.map((column) => [column.name, column]));
    await matrices.eachColumn(snapshot.train, [...columns.keys()], (feature, values) => {
      const column = columns.get(feature)!;
      if (column.kind === 'number') {
        const sorted = sortedPresent(values);
        const cuts = quantileCutPoints(sorted);
        profile.set(column.name, { cuts, counts: [...countByCutPoints(sorted, cuts)] });
      } else {
        const counts = new Map<string, number>();
        for (const code of values) {
          const name = column.categories[code];
          if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        profile.set(column.name, { values: counts });
      }
    });
    return profile;
  }

  function trainingProfile(snapshot: SnapshotRef): Promise<Map<string, TrainingProfile>> {
    let profile = profiles.get(snapshot.id);
    if (!profile) {
      profile = profileOf(snapshot);
      profile.catch(() => profiles.delete(snapshot.id));
      profiles.clear();
      profiles.set(snapshot.id, profile);
    }
    return profile;
  }

  return {
    async features(plan, day, training) {
      const current = await samples(plan, currentDays(plan, day));
      const reference = await samples(plan, referenceDays(plan, day));
      const profile = training ? await trainingProfile(training) : new Map<string, TrainingProfile>();
      const { drift } = plan.monitoring;
      return plan.features.flatMap((view) =>
        Object.keys(view.features).map((feature): FeatureDrift => {
          const now = current.get(feature)!;
          const before = reference.get(feature)!;
          const psi = finite(psiBetween(before, now));
          const enough = Math.min(size(now), size(before)) >= drift.minRows;
          const judged = enough && !drift.seasonal.includes(feature);
          return {
            feature,
            psi,
            psiTraining: finite(psiFromProfile(profile.get(feature), now)),
            missingShare: finite(now.kind === 'number' ? missingShare(now.numbers) : missingShare(now.values)) ?? 1,
            judged,
            drifted: judged && psi !== null && psi > drift.psiAlert,
          };
        }),
      );
    },
  };
}

function size(sample: FeatureSample): number {
  return sample.kind === 'number' ? sample.numbers.length : sample.values.length;
}

function psiBetween(reference: FeatureSample, current: FeatureSample): number {
  if (reference.kind === 'number' && current.kind === 'number') return psiNumeric(reference.numbers, current.numbers);
  if (reference.kind === 'category' && current.kind === 'category')
    return psiCategories(reference.values, current.values);
  return NaN;
}

function psiFromProfile(profile: TrainingProfile | undefined, current: FeatureSample): number {
  if (!profile) return NaN;
  if ('cuts' in profile) {
    if (current.kind !== 'number') return NaN;
    return psiOfCounts({
      reference: profile.counts,
      current: countByCutPoints(sortedPresent(current.numbers), profile.cuts),
    });
  }
  if (current.kind !== 'category') return NaN;
  const counts = new Map<string, number>();
  for (const value of current.values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const names = [...new Set([...profile.values.keys(), ...counts.keys()])];
  return psiOfCounts({
    reference: names.map((name) => profile.values.get(name) ?? 0),
    current: names.map((name) => counts.get(name) ?? 0),
  });
}
