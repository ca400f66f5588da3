// Champion against previous on the truth set: run after each move and when a truth day gets a revision; two fixed models on fixed rows never
// change otherwise.
import { UnderstudyError } from '../domain/failures';
import type { SnapshotRef } from '../domain/partitions';
import type { ModelPlan } from '../domain/plan';
import type { DataActivities } from '../ports/activities';
import { heartbeating } from './boundary';
import { compare } from './decide';
import type { DataDependencies } from './dependencies';
import { createEvaluator } from './evaluate';
import { planLoader } from './plans';

export interface TruthJudge {
  /** Champion against previous on a snapshot's truth set; default: the newer of their own snapshots. */
  judge(
    plan: ModelPlan,
    version: number,
    previous: number,
    on?: SnapshotRef,
  ): Promise<{ worse: boolean; reason: string }>;
}

export function createTruthJudge(dependencies: DataDependencies): TruthJudge {
  const { stores } = dependencies;
  const evaluator = createEvaluator(dependencies);
  return {
    async judge(plan, version, previous, on) {
      const [now, before] = await Promise.all([
        stores.registry.load(plan.name, version),
        stores.registry.load(plan.name, previous),
      ]);
      // The newer of the two snapshots: it knows the most truth days, and every category that the older version knows.
      const newer = now.lineage.logicalTime >= before.lineage.logicalTime ? now : before;
      const snapshot = on ?? (await stores.features.loadSnapshot(newer.lineage.snapshot));
      if (!snapshot)
        throw new UnderstudyError(
          'ARTIFACT_MISSING',
          `snapshot ${newer.lineage.snapshot} of version ${newer.version} is not recorded`,
        );
      const judge = async (judged: typeof now): Promise<Parameters<typeof compare>[2]> => ({
        version: judged,
        evaluation: await evaluator.evaluate(plan, judged, snapshot),
      });
      const { truth } = await compare(evaluator, snapshot, await judge(before), await judge(now));
      const margin = plan.monitoring.fallback.truthMargin;
      const worse = truth.value !== null && truth.value > margin;
      const shown = truth.value?.toFixed(4) ?? 'unknown';
      return {
        worse,
        reason: `on the truth set (${truth.n} rows of ${truth.days} days) version ${version} has log loss ${shown} above version ${previous}'s; allowed is ${margin}`,
      };
    },
  };
}

export function createTruthActivities(dependencies: DataDependencies): Pick<DataActivities, 'compareOnTruth'> {
  const loadPlan = planLoader(dependencies.stores.definitions);
  const truth = createTruthJudge(dependencies);
  return {
    compareOnTruth: ({ definitionDigest, version, previous }) =>
      heartbeating(async () => truth.judge((await loadPlan(definitionDigest)).plan, version, previous)),
  };
}
