// Whose tables a model reads: its own, or those of the model that it shares them with.
// Invariant: partitions, checks, quarantine, pushed rows and watermarks are kept by owner; versions, champions, predictions and reports by model.
import type { ModelPlan } from '../plan/plan';

/**
 * The name under which a model's partitions are kept, and the folder of `models/` that its files, hooks and functions are in: `dataOf`, else
 * the model's own name.
 */
export function dataOwner({ name, dataOf }: Pick<ModelPlan, 'name' | 'dataOf'>): string {
  return dataOf ?? name;
}
