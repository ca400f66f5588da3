// Deploys a definition: recorded in the database first, then told to the lifecycle by its digest, then its Schedules.
// Invariant: a lifecycle never hears of a digest that the database does not have; every step can be repeated.
import { UnderstudyError } from '../domain/failures';
import type { Clock } from '../domain/lifecycle/lifecycle';
import type { TickKind } from '../domain/ids';
import type { ModelPlan } from '../domain/plan/plan';
import type { Stores } from '../ports/stores';
import type { LifecycleClient } from './lifecycle-client';
import { planDifferences, type PlanDifference } from './plan-differences';
import type { ScheduleClient } from './schedules';

/** A checked plan, ready to be deployed. */
export interface DeploymentInput {
  readonly plan: ModelPlan;
  readonly digest: string;
  readonly codeCommit: string;
  /** Absent: the clock that the model has, `wall` for a new one. */
  readonly clock?: Clock;
}

/** What a deployment would do, before anything is done. */
export interface DeploymentPreview {
  readonly model: string;
  readonly digest: string;
  readonly clock: Clock;
  readonly isNew: boolean;
  readonly differences: readonly PlanDifference[];
  readonly unchanged: number;
}

/** What a deployment did. */
export interface DeploymentResult {
  readonly model: string;
  readonly digest: string;
  readonly clock: Clock;
  readonly schedulesCreated: readonly TickKind[];
}

/** Compares a plan with the one in force. Fails with USAGE when another clock is asked for than the model was created with. */
export async function previewDeployment(
  stores: Pick<Stores, 'definitions'>,
  input: DeploymentInput,
): Promise<DeploymentPreview> {
  const model = input.plan.name;
  const current = await stores.definitions.current(model);
  if (current && input.clock && input.clock !== current.clock) {
    const message = `"${model}" runs on a ${current.clock} clock, which is fixed at its creation; found --clock ${input.clock}.`;
    throw new UnderstudyError('USAGE', message, { model });
  }
  const before = current ? (await stores.definitions.load(current.digest)).plan : null;
  return {
    model,
    digest: input.digest,
    clock: current?.clock ?? input.clock ?? 'wall',
    isNew: current === null,
    ...planDifferences(before, input.plan),
  };
}

/** Deploys a plan; deploying the same one again changes nothing. Fails as {@link previewDeployment} and {@link LifecycleClient} do. */
export async function deploy(
  dependencies: {
    readonly stores: Pick<Stores, 'definitions'>;
    readonly lifecycles: LifecycleClient;
    readonly schedules: ScheduleClient;
  },
  input: DeploymentInput,
): Promise<DeploymentResult> {
  const { stores, lifecycles, schedules } = dependencies;
  const { model, digest, clock } = await previewDeployment(stores, input);
  await stores.definitions.save(digest, input.plan, input.codeCommit);
  await stores.definitions.setCurrent(model, clock, digest);
  await lifecycles.configure(model, clock, { definitionDigest: digest });
  const schedulesCreated = await schedules.apply(input.plan, clock);
  return { model, digest, clock, schedulesCreated };
}
