// Tells lifecycles of partitions with newly pushed rows: after the table's micro-batch time, and not before the partition is available.
// Invariant: a partition counts as announced only after its lifecycle has taken the message, so rows are never forgotten; the update id names the
// newest row, so that an announcement that is repeated after a crash is the same request.
import type { IsoTimestamp } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan/plan';
import { availableAt } from '../domain/zones';
import type { PushStore, WaitingPartition } from '../ports/push';
import type { LifecycleClient } from './lifecycle-client';
import { startPolling, type Polling } from './polling';

/** What the relay needs. */
export interface PushRelayDeps {
  readonly pushes: Pick<PushStore, 'waiting' | 'announced'>;
  readonly lifecycles: Pick<LifecycleClient, 'ingest'>;
  /** The plan in force; null: the model is not deployed. */
  readonly planOf: (model: string) => Promise<ModelPlan | null>;
  /** Reads a duration of a plan, in milliseconds. */
  readonly durationMs: (text: string) => number;
  /** How often waiting rows are looked for, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
  /** Default: the wall clock. */
  readonly now?: () => Date;
  /** Is told when an announcement or the database fails; it is tried again in any case. Default: nobody. */
  readonly onProblem?: (problem: { readonly partition?: string; readonly message: string }) => void;
}

/** A refused announcement is tried again after this time, then after twice as long, and so on, in milliseconds. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;

/** Starts announcing. Any number of relays may run: what two of them announce is one request. */
export function startPushRelay(deps: PushRelayDeps): Polling {
  const { pushes, lifecycles, planOf, durationMs, pollMs = 1_000 } = deps;
  const { now = () => new Date(), onProblem = () => undefined } = deps;
  const refused = new Map<string, { readonly until: number; readonly waitMs: number }>();

  async function announceDue(stopped: () => boolean): Promise<void> {
    const waiting = await pushes.waiting();
    const names = new Set(waiting.map(nameOf));
    for (const name of refused.keys()) if (!names.has(name)) refused.delete(name);
    for (const partition of waiting) {
      if (stopped()) return;
      const name = nameOf(partition);
      if ((refused.get(name)?.until ?? 0) > performance.now()) continue;
      try {
        if (await isDue(partition)) await announce(partition);
        refused.delete(name);
      } catch (error) {
        const waitMs = Math.min(LONGEST_RETRY_MS, 2 * (refused.get(name)?.waitMs ?? FIRST_RETRY_MS / 2));
        refused.set(name, { until: performance.now() + waitMs, waitMs });
        onProblem({ partition: name, message: messageOf(error) });
      }
    }
  }

  async function isDue({ model, table, partition, waitedMs }: WaitingPartition): Promise<boolean> {
    const plan = await planOf(model);
    const contract = plan?.tables[table];
    if (!plan || contract?.source.format !== 'push')
      throw new UnderstudyError('SOURCE_NOT_FOUND', `${model} takes no rows for ${table} any more.`, { model, table });
    const available: IsoTimestamp = availableAt(contract.availableAt, partition, plan.timeZone);
    return waitedMs >= durationMs(contract.source.microBatch) && now().getTime() >= Date.parse(available);
  }

  async function announce(waiting: WaitingPartition): Promise<void> {
    const { model, table, partition, through } = waiting;
    await lifecycles.ingest(model, { table, partition }, `push/${table}/${partition}/${through}`);
    await pushes.announced(waiting);
  }

  return startPolling({ pollMs, round: announceDue, onFailure: (error) => onProblem({ message: messageOf(error) }) });
}

function nameOf({ model, table, partition }: WaitingPartition): string {
  return `${model}/${table}/${partition}`;
}

function messageOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return `${typeof code === 'string' ? `${code}: ` : ''}${typeof message === 'string' ? message : String(error)}`;
}
