// A labelled day's performance: champion as served, previous and each contender's newest version, all on exactly the same rows.
import { MEDIA_TYPES, type ArtifactRef } from '../domain/artifacts';
import type { Day } from '../domain/days';
import type { DailyPerformance, LabelledPredictions } from '../domain/monitoring';
import type { ChampionPointer, ModelVersion } from '../domain/registry';
import type { ModelPlan } from '../domain/plan';
import { encodeRows } from '../scoring/encode';
import { openModel } from '../scoring/session';
import { logLoss } from '../statistics/classification';
import { rocAuc } from '../statistics/ranking';
import type { DayFeatures } from './day-features';
import type { DataDependencies } from './dependencies';
import { finite } from './evaluate';
import type { Matrices } from './matrices';

export interface DayPerformance {
  readonly performance: readonly DailyPerformance[];
  readonly scored: ArtifactRef;
}

export interface PerformanceWatch {
  /** `served`: probability by entity key, as logged. Rows that were not served or have no label count for nobody. */
  ofDay(
    plan: ModelPlan,
    day: Day,
    features: DayFeatures,
    served: ReadonlyMap<string, number>,
    labels: ReadonlyMap<string, 0 | 1>,
    pointer: ChampionPointer,
  ): Promise<DayPerformance | null>;
}

interface Subject {
  readonly version: ModelVersion;
  readonly role: DailyPerformance['role'];
  readonly newest: boolean;
}

export function createPerformanceWatch({ stores, artifacts }: DataDependencies, matrices: Matrices): PerformanceWatch {
  async function scoreRows(version: ModelVersion, rows: DayFeatures['rows']): Promise<number[]> {
    const signature = await matrices.signature(version.signature);
    const known = new Set(signature.columns.map(({ name }) => name));
    const model = await openModel(await artifacts.get(version.onnx), signature);
    try {
      const input = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => known.has(name))));
      return [...(await model.score(encodeRows(signature, input), rows.length))];
    } finally {
      await model.release();
    }
  }

  /** Champion and previous, and of each contender the newest version whose logical time had come on that day. */
  async function subjects(model: string, day: Day, pointer: ChampionPointer): Promise<Subject[]> {
    const versions = (await stores.registry.list(model)).filter(
      ({ state, lineage }) => state !== 'deleted' && lineage.logicalTime <= day,
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
    async ofDay(plan, day, features, served, labels, pointer) {
      const rows = features.keys.flatMap((key, index) => (served.has(key) && labels.has(key) ? [{ key, index }] : []));
      if (rows.length === 0) return null;
      const y = rows.map(({ key }) => labels.get(key)!);
      const inputs = rows.map(({ index }) => features.rows[index]!);
      const byVersion: Record<string, number[]> = {};
      const performance: DailyPerformance[] = [];
      for (const { version, role, newest } of await subjects(plan.name, day, pointer)) {
        const probabilities =
          role === 'champion' ? rows.map(({ key }) => served.get(key)!) : await scoreRows(version, inputs);
        byVersion[version.version] = probabilities;
        performance.push({
          version: version.version,
          contender: version.contender,
          role,
          newest,
          n: rows.length,
          logLoss: logLoss(y, probabilities),
          rocAuc: finite(rocAuc(y, probabilities)),
          meanPrediction: probabilities.reduce((sum, p) => sum + p, 0) / rows.length,
        });
      }
      const kept: LabelledPredictions = { keys: rows.map(({ key }) => key), labels: y, byVersion };
      return {
        performance,
        scored: await artifacts.put(Buffer.from(JSON.stringify(kept)), MEDIA_TYPES.json, rows.length),
      };
    },
  };
}
