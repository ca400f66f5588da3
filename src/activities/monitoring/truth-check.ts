// Champion against previous on the truth set: run after each move and when a truth day gets a revision; two fixed models on fixed rows never
// change otherwise.
import type { IsoTimestamp } from '../../domain/days';
import { failureCodeOf, UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import { lossName } from '../../domain/evaluation/row-loss';
import type { DataActivities } from '../../ports/activities';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import { createEvaluator } from '../evaluation/evaluate';
import { pairedDifference } from '../judging/compare';
import { planLoader } from '../plans';

export interface TruthJudge {
  /**
   * Champion against previous on a snapshot's truth set; default: the newer of their own snapshots. Where one of them can no longer be fed
   * with what it was trained on, people are told, and the champion does not count as worse: previous could not take over.
   */
  judge(
    plan: ModelPlan,
    version: number,
    previous: number,
    asOf: IsoTimestamp,
    on?: SnapshotRef,
  ): Promise<{ worse: boolean; reason: string }>;
}

export function createTruthJudge(dependencies: DataDependencies): TruthJudge {
  const { stores } = dependencies;
  const evaluator = createEvaluator(dependencies);
  async function compareVersions(
    plan: ModelPlan,
    version: number,
    previous: number,
    on: SnapshotRef | undefined,
  ): Promise<{ worse: boolean; reason: string }> {
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
    const { truth: rows } = await evaluator.rows(plan, snapshot);
    const [base, candidate] = [
      await evaluator.judged(plan, before, snapshot),
      await evaluator.judged(plan, now, snapshot),
    ];
    const truth = pairedDifference(rows, 'truth', base, candidate);
    const margin = plan.monitoring.fallback.truthMargin;
    const worse = truth.value !== null && truth.value > margin;
    const shown = truth.value?.toFixed(4) ?? 'unknown';
    return {
      worse,
      reason: `on the truth set (${truth.n} rows of ${truth.days} days) version ${version} has ${lossName(rows.target.task)} ${shown} above version ${previous}'s; allowed is ${margin}`,
    };
  }

  async function tellNotCompared(
    model: string,
    version: number,
    previous: number,
    asOf: IsoTimestamp,
    why: string,
  ): Promise<void> {
    const what = `version ${version} cannot be compared with version ${previous} on the truth set`;
    const key = `truth-not-compared/${model}/${version}/${previous}`;
    const command = `npx understudy status ${model}`;
    await stores.transaction((tx) =>
      stores.outbox.add(tx, { key, model, severity: 'warning', event: 'truth.not-compared', what, why, command, asOf }),
    );
  }

  return {
    async judge(plan, version, previous, asOf, on) {
      try {
        return await compareVersions(plan, version, previous, on);
      } catch (error) {
        if (failureCodeOf(error) !== 'FEATURES_CHANGED') throw error;
        const reason = (error as Error).message;
        await tellNotCompared(plan.name, version, previous, asOf, reason);
        return { worse: false, reason };
      }
    },
  };
}

export function createTruthActivities(dependencies: DataDependencies): Pick<DataActivities, 'compareOnTruth'> {
  const loadPlan = planLoader(dependencies.stores.definitions);
  const truth = createTruthJudge(dependencies);
  return {
    compareOnTruth: ({ definitionDigest, version, previous, asOf }) =>
      heartbeating(async () => truth.judge((await loadPlan(definitionDigest)).plan, version, previous, asOf)),
  };
}
