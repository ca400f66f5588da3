// One deployed variant of the tiny model and the steps that lifecycle tests take: deploy, wait until it is at rest, decide, look.
import { randomUUID } from 'node:crypto';
import { planDigest } from '../../src/definition/digest';
import { defineModel } from '../../src/definition/define-model';
import type { Day } from '../../src/domain/days';
import { lifecycleId } from '../../src/domain/ids';
import type {
  Accepted,
  Clock,
  LifecycleStatus,
  PendingApproval,
  TickMessage,
} from '../../src/domain/lifecycle/lifecycle';
import type { ModelPlan, ModelPlanInput } from '../../src/domain/plan/plan';
import tiny from '../models/tiny/model';
import type { Product } from './product';

export type Change = Partial<ModelPlanInput>;

export const FIRST_DAY: Day = '2013-02-20';
export const LAST_DAY: Day = '2013-04-04';

/** A holdout as long as a switch needs: retrainings from {@link LONG_ENOUGH_DAY} on have it. */
export const LONG_HOLDOUT = {
  snapshot: { ...tiny.plan.snapshot, window: 'expanding', holdoutDays: 14 },
} as const satisfies Change;
export const LONG_ENOUGH_DAY: Day = '2013-03-20';

/** A deployed model. */
export interface Tiny {
  readonly name: string;
  readonly id: string;
  readonly folder: string;
  plan(): ModelPlan;
  /** Deploys the tiny definition with other parts. */
  redeploy(change: Change): Promise<void>;
  status(): Promise<LifecycleStatus>;
  /** Waits until nothing is queued or open. */
  atRest(): Promise<LifecycleStatus>;
  /** Waits until a status has a property. */
  until(holds: (status: LifecycleStatus) => boolean, withinMs?: number): Promise<LifecycleStatus>;
  backfill(from?: Day, to?: Day): Promise<LifecycleStatus>;
  /** Asks for a retraining and waits for its end. */
  retrain(logicalTime: Day, updateId?: string): Promise<LifecycleStatus>;
  /** The proposal that waits; fails when there is none. */
  proposal(): Promise<PendingApproval>;
  decide(decision: 'approve' | 'reject', by?: string, proposal?: PendingApproval): Promise<Accepted>;
  tick(kind: TickMessage['kind'], logicalTime: Day, asOf: string): Promise<Accepted>;
  continueAsNew(): Promise<void>;
  /** The version that serving answers with; null: none. */
  served(): Promise<number | null>;
  versions(): Promise<Record<string, string>>;
}

const LONGEST_PAUSE_MS = 200;

/** Deploys a variant under a name of its own, without Schedules: tests send ticks themselves. */
export async function deployTiny(
  product: Product,
  name: string,
  change: Change = {},
  clock: Clock = 'wall',
): Promise<Tiny> {
  const { client, lifecycles, stores } = product;
  const folder = product.addModelFolder(name);
  let plan: ModelPlan;
  const model: Tiny = {
    name,
    id: lifecycleId(name),
    folder,
    plan: () => plan,
    async redeploy(changed) {
      plan = defineModel({ ...tiny.plan, ...change, ...changed, name }).plan;
      const digest = planDigest(plan);
      await stores.definitions.save(digest, plan, 'test');
      await stores.definitions.setCurrent(name, clock, digest);
      await lifecycles.configure(name, clock, { definitionDigest: digest });
    },
    status: () => lifecycles.status(name),
    atRest: () => model.until(({ queued, open }) => queued === 0 && open.length === 0),
    async until(holds, withinMs = 30_000) {
      const deadline = Date.now() + withinMs;
      // Each look is work of the server and the worker: longer waits look less often.
      for (let pauseMs = 20; ; pauseMs = Math.min(1.5 * pauseMs, LONGEST_PAUSE_MS)) {
        const status = await lifecycles.status(name);
        if (holds(status)) return status;
        if (Date.now() > deadline)
          throw new Error(`not within ${withinMs} ms: ${holds.toString()}\n${JSON.stringify(status)}`);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    },
    async backfill(from = FIRST_DAY, to = LAST_DAY) {
      await lifecycles.backfill(name, { from, to, by: 'test' });
      return model.atRest();
    },
    async retrain(logicalTime, updateId = randomUUID()) {
      await lifecycles.retrain(name, { logicalTime, reason: 'test', by: 'test' }, updateId);
      return model.atRest();
    },
    async proposal() {
      const { approval } = await model.until((status) => status.approval !== null, 5_000);
      return approval!;
    },
    async decide(decision, by = 'ann', proposal) {
      const { cycle, digest } = proposal ?? (await model.proposal());
      return lifecycles.decide(name, { cycle, digest, decision, by });
    },
    tick: (kind, logicalTime, asOf) => lifecycles.tick(name, clock, { kind, logicalTime, asOf }),
    async continueAsNew() {
      const before = (await client.workflow.getHandle(lifecycleId(name)).describe()).runId;
      await lifecycles.continueAsNew(name);
      const deadline = Date.now() + 20_000;
      while ((await client.workflow.getHandle(lifecycleId(name)).describe()).runId === before) {
        if (Date.now() > deadline) throw new Error('the lifecycle did not go on in a new run within 20 s');
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
    async served() {
      const response = await fetch(`${product.servingUrl}/v2/models/${name}`);
      if (!response.ok) return null;
      const { versions } = (await response.json()) as { versions: string[] };
      return Number(versions[0]);
    },
    async versions() {
      const list = await stores.registry.list(name);
      return Object.fromEntries(list.map(({ version, contender, state }) => [`${contender}@${version}`, state]));
    },
  };
  await model.redeploy({});
  return model;
}
