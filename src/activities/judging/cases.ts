// Puts together what a decision rests on, from stores and artifacts: versions, rows, predictions, and which look it is.
import { dayNumber } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { Stores } from '../../ports/stores';
import type { Evaluator } from '../evaluation/evaluate';
import type { Judged } from './compare';
import type { Case } from './judge';
import { lookOf } from './looks';
import { productionRows } from './production';

/** Decisions that are looked through for earlier looks: twenty years of weekly ones. */
const MOST_DECISIONS = 1000;

/** Who is judged. */
export interface CaseRequest {
  readonly plan: ModelPlan;
  readonly snapshot: SnapshotRef;
  readonly cycle: string;
  readonly champion: { readonly version: number; readonly epoch: number } | null;
  readonly versions: readonly number[];
  /** How a version is measured: as it is stored, or anew. */
  readonly measure: (plan: ModelPlan, version: ModelVersion, snapshot: SnapshotRef) => Promise<Judged>;
}

/** The case of a request. Fails as the measuring of a version does, and with ARTIFACT_MISSING. */
export async function openCase(
  { registry, features, predictions }: Pick<Stores, 'registry' | 'features' | 'predictions'>,
  evaluator: Pick<Evaluator, 'slicedRows'>,
  { plan, snapshot, cycle, champion, versions, measure }: CaseRequest,
): Promise<Case> {
  const judged = async (version: number): Promise<Judged> =>
    measure(plan, await registry.load(plan.name, version), snapshot);
  const base = champion && {
    ...(await judged(champion.version)),
    epoch: champion.epoch,
  };
  const candidates = await Promise.all(versions.filter((version) => version !== champion?.version).map(judged));
  const looks = plan.evaluation.superiority.looks;
  const own = base && { version: base.version.version, contender: base.version.contender, epoch: base.epoch };
  const rows = await evaluator.slicedRows(plan, snapshot);
  return {
    plan,
    rows,
    production: champion && (await productionRows({ predictions, registry }, plan, champion, rows)),
    holdoutFrom: dayNumber(snapshot.holdoutDays.from),
    holdoutDays: snapshot.holdoutDays.count,
    champion: base && { ...base, trainedTo: await trainedTo(features, base.version) },
    candidates,
    look: own
      ? lookOf(await registry.decisions(plan.name, MOST_DECISIONS), { cycle, champion: own }, looks)
      : { number: 1, of: looks },
  };
}

/** The last day that a version was trained on, as a day number. Fails with ARTIFACT_MISSING. */
export async function trainedTo(
  features: Stores['features'],
  { lineage, version }: Pick<ModelVersion, 'lineage' | 'version'>,
): Promise<number> {
  const snapshot = await features.loadSnapshot(lineage.snapshot);
  if (!snapshot)
    throw new UnderstudyError('ARTIFACT_MISSING', `snapshot ${lineage.snapshot} of version ${version} is not recorded`);
  return dayNumber(snapshot.trainDays.to);
}
