// Feeds versions: each gets the features of the views that it was trained on, whatever definition is in force by now.
// Invariant: while the views have not changed, a version's plan is the current plan itself, so nothing is computed or read twice.
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { Stores } from '../../ports/stores';
import { planLoader } from '../plans';
import { fedPlan, obstaclesTo } from './fed-plan';

/** See {@link createVersionFeatures}. */
export interface VersionFeatures {
  /**
   * The plan whose views feed a version while `current` is in force; `current` itself where its views are the version's own.
   * @throws UnderstudyError `FEATURES_CHANGED` naming version, view and what changed, when no partition of now gives what it was trained on.
   */
  planFor(current: ModelPlan, version: Fed): Promise<ModelPlan>;
  /** Versions that cannot be fed any more, with the reason, beside the plans of the others. */
  plansFor(current: ModelPlan, versions: readonly Fed[]): Promise<FedPlans>;
  /** The different plans whose features are to be online: the current one, the champion's and previous'. Who cannot be fed is left out. */
  onlinePlans(current: ModelPlan): Promise<ModelPlan[]>;
}

/** What of a version says how it is fed. */
export type Fed = Pick<ModelVersion, 'version' | 'lineage'>;

export interface FedPlans {
  /** By version. */
  readonly plans: ReadonlyMap<number, ModelPlan>;
  readonly refused: readonly { readonly version: number; readonly reason: string }[];
}

/** Reads the definitions of versions once per process. */
export function createVersionFeatures({
  definitions,
  registry,
}: Pick<Stores, 'definitions' | 'registry'>): VersionFeatures {
  const loadPlan = planLoader(definitions);
  /** One object for each pair of definitions: digests and keys are kept by plan. */
  const known = new WeakMap<ModelPlan, Map<ModelPlan, ModelPlan | UnderstudyError>>();
  const loaded = new Map<string, Fed>();

  async function feed(current: ModelPlan, { version, lineage }: Fed): Promise<ModelPlan | UnderstudyError> {
    const { plan: own } = await loadPlan(lineage.definitionDigest);
    const ofCurrent = known.get(current) ?? new Map<ModelPlan, ModelPlan | UnderstudyError>();
    known.set(current, ofCurrent);
    let found = ofCurrent.get(own);
    if (found === undefined) {
      const obstacles = obstaclesTo(current, own);
      found = obstacles.length > 0 ? refusal(current, version, obstacles) : fedPlan(current, own);
      ofCurrent.set(own, found);
    }
    // Versions of one definition share what was found; the sentence names the one that is asked for.
    if (!(found instanceof UnderstudyError) || found.details['version'] === version) return found;
    return refusal(current, version, obstaclesTo(current, own));
  }

  /** Lineage never changes: one query for each version in a process's life. */
  async function versionOf(model: string, version: number): Promise<Fed> {
    const name = `${model}/${version}`;
    const found = loaded.get(name) ?? (await registry.load(model, version));
    loaded.set(name, { version: found.version, lineage: found.lineage });
    return found;
  }

  async function plansFor(current: ModelPlan, versions: readonly Fed[]): Promise<FedPlans> {
    const plans = new Map<number, ModelPlan>();
    const refused: { version: number; reason: string }[] = [];
    for (const each of versions) {
      const found = await feed(current, each);
      if (found instanceof UnderstudyError) refused.push({ version: each.version, reason: found.message });
      else plans.set(each.version, found);
    }
    return { plans, refused };
  }

  return {
    plansFor,
    async planFor(current, version) {
      const found = await feed(current, version);
      if (found instanceof UnderstudyError) throw found;
      return found;
    },
    async onlinePlans(current) {
      const { version, previous } = await registry.champion(current.name);
      const numbers = [version, previous].filter((each) => each !== null);
      const versions = await Promise.all(numbers.map((number) => versionOf(current.name, number)));
      return [...new Set([current, ...(await plansFor(current, versions)).plans.values()])];
    },
  };
}

/** Reasons that are told at once; the first ones say enough. */
const MOST_TOLD = 3;

function refusal(current: ModelPlan, version: number, obstacles: ReturnType<typeof obstaclesTo>): UnderstudyError {
  const told = obstacles
    .slice(0, MOST_TOLD)
    .map(({ view, what }) => (view === null ? what : `feature view ${view} ${what}`));
  const more = obstacles.length > MOST_TOLD ? `; and ${obstacles.length - MOST_TOLD} more` : '';
  return new UnderstudyError(
    'FEATURES_CHANGED',
    `Version ${version} of ${current.name} can no longer be fed with what it was trained on: ${told.join('; ')}${more}. ` +
      'Put that back into the definition, or retrain and promote the new version with --override.',
    { model: current.name, version, obstacles: obstacles.slice(0, 20) },
  );
}
