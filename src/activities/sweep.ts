// Retention: archives pushed rows of old days, and deletes artifacts that nothing alive refers to (invariant 7). What is young is spared: work in flight records it later.
import type { DataActivities } from '../ports/activities';
import { addDays, type Day } from '../domain/days';
import { localDay } from '../domain/zones';
import { heartbeating } from './boundary';
import type { DataDependencies } from './dependencies';
import { planLoader } from './plans';
import { recordSwept } from './snapshots/swept-snapshots';
import { createPushedRowsRetention } from './deliveries/pushed-rows';

/** Whoever delivers a file is likely to ask for its other days within a week. */
const SPLITS_KEPT_MS = 7 * 86_400_000;

export function createSweepActivities(dependencies: DataDependencies): Pick<DataActivities, 'sweepArtifacts'> {
  const { stores, artifacts, sweepGraceMs } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const pushedRows = createPushedRowsRetention(dependencies);

  /** What each deployed model keeps, by its own retention rule. */
  async function rules(asOf: string): Promise<{ model: string; keepVersions: number; since: Day }[]> {
    const models = await stores.definitions.models();
    const found = await Promise.all(
      models.map(async (model) => {
        const current = await stores.definitions.current(model);
        if (!current) return [];
        const { plan } = await loadPlan(current.digest);
        const { keepVersions, keepDays } = plan.retention;
        return [{ model, keepVersions, since: addDays(localDay(asOf, plan.timeZone), -keepDays) }];
      }),
    );
    return found.flat();
  }

  /** The store is shared, so what any model still needs is kept. */
  async function reachable(asOf: string): Promise<Set<string>> {
    const all = new Set<string>();
    for (const { model, keepVersions, since } of await rules(asOf)) {
      for (const digest of await stores.reachableArtifacts(model, keepVersions, since)) all.add(digest);
    }
    return all;
  }

  /** Versions whose artifacts are about to go can never serve again; their rows stay. */
  async function retire(model: string, asOf: string): Promise<void> {
    const rule = (await rules(asOf)).find((candidate) => candidate.model === model);
    if (!rule) return;
    const expired = await stores.expiredVersions(model, rule.keepVersions, rule.since);
    await stores.transaction(async (tx) => {
      for (const version of expired) await stores.registry.setState(tx, model, version, 'deleted');
    });
  }

  return {
    sweepArtifacts: ({ model, asOf, definitionDigest, dryRun }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        const due = dryRun ? (await pushedRows.due(plan, asOf)).length : 0;
        if (!dryRun) {
          await retire(model, asOf);
          await pushedRows.archive(plan, asOf, (archived, of) => progress({ archived, of }));
        }
        const alive = await reachable(asOf);
        const youngest = Date.now() - sweepGraceMs;
        const doomed: { sha256: string; bytes: number }[] = [];
        for await (const artifact of artifacts.list()) {
          if (!alive.has(artifact.sha256) && artifact.modifiedAt.getTime() < youngest) doomed.push(artifact);
        }
        const bytes = doomed.reduce((sum, artifact) => sum + artifact.bytes, 0);
        if (dryRun) return { unreachable: doomed.length + due, bytes, deleted: 0 };
        await recordSwept(stores, doomed, asOf);
        for (const [index, { sha256 }] of doomed.entries()) {
          await artifacts.delete(sha256);
          if (index % 100 === 0) progress({ deleted: index, of: doomed.length });
        }
        // Their raw rows go with the next sweep, when nobody can be reading them any more.
        await stores.partitions.forgetSplits(SPLITS_KEPT_MS);
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
