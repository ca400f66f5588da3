// One cycle of the example on January to June, on a stack of its own in an empty home: what the benchmarks of cycle and memory look at.
import { join } from 'node:path';
import { loadDefinition } from '../src/definition/catalog';
import { defineModel } from '../src/definition/define-model';
import { planDigest } from '../src/definition/digest';
import type { ModelPlanInput } from '../src/domain/plan/plan';
import { deploy } from '../src/client/definitions-client';
import { openServices, patiently, type Services } from '../scripts/proof/services';
import { discard, makeHome, startStackProcess, type StackProcess } from '../scripts/proof/stack-process';

export const MODEL = 'flight-delay';
const FROM = '2013-01-01';
const TO = '2013-06-30';
const LOGICAL_TIME = '2013-07-01';
const WITHIN_MS = 15 * 60_000;
const LOOK_EVERY_MS = 100;

/** A running stack for the example. */
export interface Flights {
  readonly stack: StackProcess;
  readonly services: Services;
  /** Deploys, backfills and lives through one cycle, up to the proposal that waits for a person. `change`: other parts of the definition. */
  liveOneCycle(change?: Partial<ModelPlanInput>): Promise<void>;
  close(): Promise<void>;
}

/** Starts a stack. */
export async function openFlights(packageRoot: string): Promise<Flights> {
  const stack = await startStackProcess({ packageRoot, home: makeHome() });
  const services = await openServices(stack.addresses());
  const { stores, lifecycles, schedules } = services;
  return {
    stack,
    services,
    async liveOneCycle(change = {}) {
      const { plan } = defineModel({ ...loadDefinition(join(packageRoot, 'models'), MODEL).plan, ...change });
      const deployment = { plan, digest: planDigest(plan), codeCommit: 'bench', clock: 'simulated' } as const;
      await deploy({ stores, lifecycles, schedules }, deployment);
      await lifecycles.backfill(MODEL, { from: FROM, to: TO, by: 'bench' });
      await atRest(services);
      await lifecycles.retrain(MODEL, { logicalTime: LOGICAL_TIME, reason: 'bench', by: 'bench' });
      await atRest(services);
    },
    async close() {
      await services.close();
      await discard(stack);
    },
  };
}

async function atRest({ lifecycles }: Services): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const { queued, open } = await patiently(() => lifecycles.status(MODEL), WITHIN_MS);
    if (queued === 0 && open.length === 0) return;
    if (Date.now() > deadline) throw new Error(`${MODEL} did not come to rest within ${WITHIN_MS / 60_000} minutes`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
