// What the story has done and seen by itself, beside what the product recorded: the demo's own witness for the checks.
import type { Day } from '../../../src/domain/days';
import type { BadModel } from '../faults/bad-model';
import type { Redelivery } from '../faults/damaged-day';
import type { KilledTraining } from '../faults/killed-training';
import type { Race } from '../faults/race';
import type { FaultPlan } from './fault-plan';

/** How the first champion was approved. */
export interface FirstApproval {
  readonly cycle: string;
  readonly version: number;
  readonly digest: string;
  /** The same message for the stock CLI. */
  readonly temporalCommand: string;
}

/** Filled while the story goes on. */
export interface Journal {
  /** Absent in a run that goes on with a model that has a champion. */
  firstApproval: FirstApproval | null;
  backfill: { readonly from: Day; readonly to: Day } | null;
  /** Days that this run lived: their flights were scored, their labels came. */
  lived: Day[];
  plan: FaultPlan;
  /** Rejected at the tick of this day, with the message that was told. */
  rejection: { readonly onDay: Day; readonly message: string } | null;
  redelivery: Redelivery | null;
  killedTraining: KilledTraining | null;
  badModel: BadModel | null;
  race: Race | null;
  approvals: number;
  /** Outbox rows with a higher id are this run's. */
  readonly outboxBefore: number;
  seconds: { setup: number; backfill: number; total: number };
}

/** An empty journal. */
export function createJournal(plan: FaultPlan, outboxBefore: number): Journal {
  return {
    firstApproval: null,
    backfill: null,
    lived: [],
    plan,
    rejection: null,
    redelivery: null,
    killedTraining: null,
    badModel: null,
    race: null,
    approvals: 0,
    outboxBefore,
    seconds: { setup: 0, backfill: 0, total: 0 },
  };
}
