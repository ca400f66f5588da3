// One life of a model through the public messages: deploy, backfill, retrain, promoted by policy, told to the outside.
import type { Services } from './services';
import { patiently } from './services';
import { deploy } from '../../src/client/definitions-client';
import { planDigest } from '../../src/definition/digest';
import type { LifecycleStatus } from '../../src/domain/lifecycle/lifecycle';
import type { ModelPlan } from '../../src/domain/plan/plan';
import { DAYS } from './small-model';

/** How long a life may take, in milliseconds, with everything that kills cost it. */
const LIFE_MS = 180_000;
const LOOK_EVERY_MS = 50;

/** Update id of a life's backfill; it is part of the backfill's workflow id. */
export const backfillRequest = (model: string): string => `backfill-${model}`;

/**
 * Lives until the first champion serves and every alert is delivered. Every message has an id of its own, so that it can be sent again
 * after a kill without being another one.
 */
export async function liveOnce(services: Services, plan: ModelPlan): Promise<void> {
  const { lifecycles, stores, schedules } = services;
  const { name } = plan;
  const asked = { by: 'proof', reason: 'proof' };
  await patiently(
    () =>
      deploy(
        { stores, lifecycles, schedules },
        { plan, digest: planDigest(plan), codeCommit: 'proof', clock: 'simulated' },
      ),
    LIFE_MS,
  );
  await patiently(
    () => lifecycles.backfill(name, { from: DAYS.from, to: DAYS.to, by: asked.by }, backfillRequest(name)),
    LIFE_MS,
  );
  await until(services, name, atRest);
  await patiently(() => lifecycles.retrain(name, { logicalTime: DAYS.cycle, ...asked }, `retrain-${name}`), LIFE_MS);
  await until(services, name, (status) => atRest(status) && status.decisions > 0);
  await patiently(async () => {
    const waiting = await stores.outbox.pending();
    if (waiting > 0) throw new Error(`${waiting} alerts are still to be delivered`);
  }, LIFE_MS);
}

function atRest({ queued, open }: LifecycleStatus): boolean {
  return queued === 0 && open.length === 0;
}

async function until(
  { lifecycles, stores }: Services,
  model: string,
  holds: (status: LifecycleStatus & { readonly decisions: number }) => boolean,
): Promise<void> {
  const deadline = Date.now() + LIFE_MS;
  for (;;) {
    const status = await patiently(async () => {
      const found = await lifecycles.status(model);
      return { ...found, decisions: (await stores.registry.decisions(model, 1)).length };
    }, LIFE_MS);
    if (holds(status)) return;
    if (Date.now() > deadline)
      throw new Error(
        `the life of ${model} did not come to rest within ${LIFE_MS / 1000} s: ${JSON.stringify(status)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
