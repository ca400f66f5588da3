// Training a version again: what its trainer was asked, whether all of that is still stored, and what came out compared with what is recorded.
// Invariant: reads only, unless a repair is asked for: see stored-model.ts.
import type { ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { EnvironmentLock, environmentDifferences, type Reproduction } from '../../domain/training/reproduction';
import { TrainResult, type TrainRequest } from '../../domain/training/training';
import type { ReproductionActivities } from '../../ports/activities';
import type { DataDependencies } from '../dependencies';
import { planLoader } from '../plans';
import { trainingQueueOf } from '../../domain/plan/contender-plan';
import { lookAtStored, storedAfter } from './stored-model';

/** Fields of a request that are artifacts, in words. */
const NEEDS = {
  matrix: 'training rows',
  signature: 'signature',
  warmStart: 'model that its training started from',
} as const satisfies Partial<Record<keyof TrainRequest, string>>;

export function createReproductionActivities({
  stores,
  artifacts,
}: Pick<DataDependencies, 'stores' | 'artifacts'>): ReproductionActivities {
  const loadPlan = planLoader(stores.definitions);

  async function requireStored({ model, version, state }: ModelVersion, request: TrainRequest): Promise<void> {
    for (const [field, words] of Object.entries(NEEDS)) {
      const ref = request[field as keyof typeof NEEDS];
      if (ref === undefined || (await artifacts.has(ref.sha256))) continue;
      throw new UnderstudyError(
        'ARTIFACT_MISSING',
        `${model}@${version} cannot be trained again: its ${words} (artifact ${ref.sha256}) are no longer stored. ` +
          `Retention keeps them as long as the version is alive; its state is ${state}.`,
        { model, version, sha256: ref.sha256 },
      );
    }
  }

  /** Null: the trainer did not say, or in words that are not ours. */
  async function lockOf(ref: ArtifactRef | undefined): Promise<EnvironmentLock | null> {
    if (ref === undefined || !(await artifacts.has(ref.sha256))) return null;
    const parsed = EnvironmentLock.safeParse(JSON.parse((await artifacts.get(ref)).toString()));
    return parsed.success ? parsed.data : null;
  }

  return {
    async prepareReproduction({ model, version, repair = false }) {
      const found = await stores.registry.load(model, version);
      const { request, definitionDigest } = found.lineage;
      if (!request) {
        const message = `${model}@${version} was trained before the requests of trainings were kept; it cannot be trained again.`;
        throw new UnderstudyError('VERSION_NOT_ALLOWED', message, { model, version });
      }
      await requireStored(found, request);
      const { plan } = await loadPlan(definitionDigest);
      const stored = await lookAtStored({ stores, artifacts }, found, repair);
      return { request, queue: trainingQueueOf(plan.contenders[found.contender]!), stored };
    },

    async compareReproduction({ model, version, result: untrusted, stored }) {
      const result = TrainResult.parse(untrusted);
      const loaded = await stores.registry.load(model, version);
      const { onnx, training } = loaded;
      const digests = (['native', 'onnx'] as const).map((what) => {
        const recorded = (what === 'onnx' ? onnx : training.native).sha256;
        const found = result[what].sha256;
        return { what, recorded, found, same: recorded === found };
      });
      const [recorded, found] = [await lockOf(training.environment), await lockOf(result.environment)];
      return {
        ...{ model, version, digests },
        same: digests.every((each) => each.same),
        ...(stored && { stored: await storedAfter({ stores, artifacts }, loaded, { ...stored, result }) }),
        environment: recorded && found && environmentDifferences(recorded, found),
        seconds: { recorded: training.seconds, found: result.seconds },
      } satisfies Reproduction;
    },
  };
}
