// The start of a training, found once for a cycle and contender: whoever asks again gets what was found first.
// Invariant: while the training is open, what it starts from and is trained on is kept, because the ledger's results are roots of retention.
import type { ContenderPlan } from '../../domain/plan/contender-plan';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { TrainRequest } from '../../domain/training/training';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';
import { createStartFinder, type Start } from './start-from';

/** The fields of a request that a start sets; none of them where there is no start. */
export type StartFields = Partial<Pick<TrainRequest, 'startFrom' | 'warmStart' | 'matrix' | 'signature'>>;

/** Gives a contender's start in a cycle. Fails as `FindStart` does. */
export function createRecordedStarts(
  dependencies: Pick<DataDependencies, 'stores' | 'artifacts' | 'engine'>,
): (
  plan: ModelPlan,
  contender: { readonly name: string; readonly plan: ContenderPlan },
  snapshot: SnapshotRef,
  cycle: string,
) => Promise<StartFields> {
  const find = createStartFinder(dependencies);
  return async (plan, contender, snapshot, cycle) => {
    const { startFrom } = contender.plan;
    if (!startFrom) return {};
    // Before the ledger's transaction, because writing the rows in other codes may take long.
    const found = await find(plan, contender, snapshot);
    const key = `start/${plan.name}/${cycle}/${contender.name}`;
    const inputs = digestOf({ startFrom, snapshot: snapshot.id, trainer: contender.plan.trainer });
    const { result } = await dependencies.stores.ledger.once<{ start: Start | null }>(key, inputs, () =>
      Promise.resolve({ start: found }),
    );
    if (!result.start) return {};
    const { onnx, ...start } = result.start;
    return { ...start, ...(contender.plan.trainer === 'logistic' ? { warmStart: onnx } : {}) };
  };
}
