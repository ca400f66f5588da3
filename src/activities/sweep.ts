// Retention: deletes artifacts that nothing alive refers to (invariant 7). What is young is spared: work in flight records it later.
import type { DataActivities } from '../ports/activities';
import { addDays } from '../domain/days';
import { localDay } from '../domain/zones';
import { heartbeating } from './boundary';
import type { DataDependencies } from './dependencies';
import { planLoader } from './plans';

export function createSweepActivities({
  stores,
  artifacts,
  sweepGraceMs,
}: DataDependencies): Pick<DataActivities, 'sweepArtifacts'> {
  const loadPlan = planLoader(stores.definitions);

  /** The store is shared, so what any model still needs is kept. */
  async function reachable(asOf: string): Promise<Set<string>> {
    const all = new Set<string>();
    for (const model of await stores.definitions.models()) {
      const current = await stores.definitions.current(model);
      if (!current) continue;
      const { plan } = await loadPlan(current.digest);
      const since = addDays(localDay(asOf, plan.timeZone), -plan.retention.keepDays);
      for (const digest of await stores.reachableArtifacts(model, plan.retention.keepVersions, since)) all.add(digest);
    }
    return all;
  }

  return {
    sweepArtifacts: ({ model, asOf, dryRun }) =>
      heartbeating(async (progress) => {
        const alive = await reachable(asOf);
        const youngest = Date.now() - sweepGraceMs;
        const doomed: { sha256: string; bytes: number }[] = [];
        for await (const artifact of artifacts.list()) {
          if (!alive.has(artifact.sha256) && artifact.modifiedAt.getTime() < youngest) doomed.push(artifact);
        }
        const bytes = doomed.reduce((sum, artifact) => sum + artifact.bytes, 0);
        if (dryRun) return { unreachable: doomed.length, bytes, deleted: 0 };
        for (const [index, { sha256 }] of doomed.entries()) {
          await artifacts.delete(sha256);
          if (index % 100 === 0) progress({ deleted: index, of: doomed.length });
        }
        await stores.transaction((tx) =>
          stores.audit.add(tx, {
            model,
            asOf,
            by: 'retention',
            action: 'artifacts.deleted',
            subject: model,
            details: { count: doomed.length, bytes },
          }),
        );
        return { unreachable: doomed.length, bytes, deleted: doomed.length };
      }),
  };
}
