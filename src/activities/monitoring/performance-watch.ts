// A labelled day's performance: champion as served, previous and each contender's newest version, all on exactly the same rows.
// Invariant: each is scored with the features of its own views.
import { MEDIA_TYPES, type ArtifactRef } from '../../domain/data/artifacts';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { DailyPerformance, LabelledPredictions } from '../../domain/monitoring/monitoring';
import { NEVER_SERVES, type ChampionPointer, type ModelVersion } from '../../domain/lifecycle/registry';
import type { ModelPlan } from '../../domain/plan/plan';
import { targetOf } from '../../domain/evaluation/task';
import { encodeRows } from '../../scoring/encode';
import { openModel } from '../../scoring/session';
import type { RowLoss } from '../../statistics/metrics/row-loss';
import { dayMeasures } from './day-measures';
import { requireFeatures, type DayFeatures, type DayReader } from '../features/day-features';
import type { DataDependencies } from '../dependencies';
import { createVersionFeatures } from '../feeding/version-features';
import type { Matrices } from '../snapshots/matrices';

export interface DayPerformance {
  readonly performance: readonly DailyPerformance[];
  readonly scored: ArtifactRef;
  /** Versions that are left out: nothing of now gives what they were trained on, or they predict something else. */
  readonly notFed: readonly { readonly version: number; readonly reason: string }[];
}

/** The features of a day by the views of one plan. */
export interface FedDay {
  readonly fed: ModelPlan;
  readonly features: DayFeatures;
}

export interface PerformanceWatch {
  /**
   * `ofChampion`: names the rows. `served`: predictions by entity key, as logged. Rows that were not served or have no label count for nobody.
   * `rowLoss`: of the version that served.
   */
  ofDay(
    plan: ModelPlan,
    day: Day,
    ofChampion: FedDay,
    served: ReadonlyMap<string, readonly number[]>,
    labels: ReadonlyMap<string, number>,
    pointer: ChampionPointer,
    rowLoss: RowLoss,
  ): Promise<DayPerformance | null>;
}

interface Subject {
  readonly version: ModelVersion;
  readonly role: DailyPerformance['role'];
  readonly newest: boolean;
}

export function createPerformanceWatch(
  { stores, artifacts }: DataDependencies,
  matrices: Matrices,
  days: DayReader,
): PerformanceWatch {
  const feeding = createVersionFeatures(stores);

  async function scoreRows(version: ModelVersion, rows: DayFeatures['rows']): Promise<number[]> {
    const signature = await matrices.signature(version.signature);
    const known = new Set(signature.columns.map(({ name }) => name));
    const model = await openModel(await artifacts.get(version.onnx), signature);
    try {
      // A definition may have gained features since; else the rows are taken as they are.
      const isKnown = Object.keys(rows[0] ?? {}).every((name) => known.has(name));
      const input = isKnown
        ? rows
        : rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => known.has(name))));
      return [...(await model.score(encodeRows(signature, input), rows.length))];
    } finally {
      await model.release();
    }
  }

  /** Champion and previous, and of each contender the newest version whose logical time had come on that day. */
  async function subjects(model: string, day: Day, pointer: ChampionPointer): Promise<Subject[]> {
    const versions = (await stores.registry.list(model)).filter(
      ({ state, lineage }) => !NEVER_SERVES.has(state) && lineage.logicalTime <= day,
    );
    const newest = new Map<string, ModelVersion>();
    for (const version of versions.sort((a, b) =>
      a.lineage.logicalTime < b.lineage.logicalTime
        ? -1
        : a.lineage.logicalTime > b.lineage.logicalTime
          ? 1
          : a.version - b.version,
    )) {
      newest.set(version.contender, version);
    }
    return versions.flatMap((version): Subject[] => {
      const isNewest = newest.get(version.contender) === version;
      if (version.version === pointer.version) return [{ version, role: 'champion', newest: isNewest }];
      if (version.version === pointer.previous) return [{ version, role: 'previous', newest: isNewest }];
      return isNewest ? [{ version, role: 'contender', newest: true }] : [];
    });
  }

  return {
    async ofDay(plan, day, ofChampion, served, labels, pointer, rowLoss) {
      const target = targetOf(plan);
      const keys = ofChampion.features.keys.filter((key) => served.has(key) && labels.has(key));
      if (keys.length === 0) return null;
      const y = keys.map((key) => labels.get(key)!);
      const byVersion: Record<string, number[]> = {};
      const performance: DailyPerformance[] = [];
      const compared = await subjects(plan.name, day, pointer);
      const scoredNow = compared.filter(({ role }) => role !== 'champion').map(({ version }) => version);
      const { plans, refused } = await feeding.plansFor(plan, scoredNow);
      const rowsOf = rowsByPlan(days, day, ofChampion, keys);
      for (const { version, role, newest } of compared) {
        const fed = plans.get(version.version);
        if (role !== 'champion' && !fed) continue;
        const predictions = fed ? await scoreRows(version, await rowsOf(fed)) : keys.flatMap((key) => served.get(key)!);
        byVersion[version.version] = predictions;
        performance.push({
          version: version.version,
          contender: version.contender,
          role,
          newest,
          n: keys.length,
          ...dayMeasures(target, y, predictions, rowLoss),
        });
      }
      const kept: LabelledPredictions = { keys, labels: y, byVersion };
      return {
        performance,
        scored: await artifacts.put(Buffer.from(JSON.stringify(kept)), MEDIA_TYPES.json, keys.length),
        notFed: refused,
      };
    },
  };
}

/** The rows of these keys by the views of a plan; a plan's day is read once. */
function rowsByPlan(
  days: DayReader,
  day: Day,
  ofChampion: FedDay,
  keys: readonly string[],
): (fed: ModelPlan) => Promise<DayFeatures['rows']> {
  const known = new Map<ModelPlan, DayFeatures['rows']>();
  return async (fed) => {
    let rows = known.get(fed);
    if (!rows) {
      const features =
        fed === ofChampion.fed ? ofChampion.features : requireFeatures(fed, day, await days.features(fed, day));
      const places = new Map(features.keys.map((key, place) => [key, place]));
      rows = keys.map((key) => {
        const row = features.rows[places.get(key) ?? -1];
        if (row) return row;
        throw new UnderstudyError('INTERNAL', `day ${day}: entity ${key} is gone; the day was corrected meanwhile`, {
          day,
          key,
        });
      });
      known.set(fed, rows);
    }
    return rows;
  };
}
