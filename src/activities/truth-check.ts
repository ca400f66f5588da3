// Champion against previous on the truth set: run after each move, because two fixed models on fixed rows never change otherwise.
import { UnderstudyError } from '../domain/failures';
import type { DataActivities } from '../ports/activities';
import { heartbeating } from './boundary';
import { compare } from './decide';
import type { DataDependencies } from './dependencies';
import { createEvaluator } from './evaluate';
import { planLoader } from './plans';

export function createTruthActivities(dependencies: DataDependencies): Pick<DataActivities, 'compareOnTruth'> {
  const { stores } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const evaluator = createEvaluator(dependencies);
  return {
    compareOnTruth: ({ definitionDigest, version, previous }) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(definitionDigest);
        const [now, before] = await Promise.all([
          stores.registry.load(plan.name, version),
          stores.registry.load(plan.name, previous),
        ]);
        // The newer of the two snapshots: it knows the most truth days, and every category that the older version knows.
        const newer = now.lineage.logicalTime >= before.lineage.logicalTime ? now : before;
        const snapshot = await stores.features.loadSnapshot(newer.lineage.snapshot);
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
      }),
  };
}
