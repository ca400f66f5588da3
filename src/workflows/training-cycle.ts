// One retraining round: ingest what is missing → featurize → fix the snapshot → contenders side by side → decide. It ends decided and reports.
import {
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { IsoTimestamp } from '../domain/days';
import type { ChildOutcome, Clock, DuePartition } from '../domain/lifecycle/lifecycle';
import { challengerId } from '../domain/ids';
import type { SnapshotRef } from '../domain/data/partitions';
import type { CycleContext, CyclePlan } from '../ports/activities';
import type { challenger, ChallengerResult } from './challenger';
import { gatherPartitions } from './cycle/partitions';
import { describeFailure } from './failure';
import { control, data } from './proxies';
import { reportingTo } from './report';

export interface TrainingCycleInput extends CycleContext {
  readonly reason: string;
  readonly clock: Clock;
  /** Carried by continue-as-new only: since when it waits for partitions, and whether people were told. */
  readonly waitingSince?: IsoTimestamp;
  readonly toldOfWaiting?: boolean;
}

const FEATURE_DAYS_PER_STEP = 60;

export async function trainingCycle(input: TrainingCycleInput): Promise<ChildOutcome> {
  let missing: readonly DuePartition[] = [];
  const work = async (): Promise<ChildOutcome> => {
    setCurrentDetails('preparing data');
    const plan = await gatherPartitions(input, ({ due }) => {
      missing = due;
    });
    for (let at = 0; at < plan.featureDays.length; at += FEATURE_DAYS_PER_STEP) {
      await data.featurizeDays({ ...input, days: plan.featureDays.slice(at, at + FEATURE_DAYS_PER_STEP) });
    }
    // A correction that came since the cycle was asked for enters it. On a simulated clock nothing comes meanwhile: requests run one by one.
    const revisionsAsOf = input.clock === 'wall' ? new Date(Date.now()).toISOString() : input.asOf;
    const { snapshot, mergedInto } = await data.fixSnapshot({ ...input, revisionsAsOf });
    if (mergedInto) return { type: 'merged', into: mergedInto };

    setCurrentDetails(
      `snapshot ${snapshot.id.slice(0, 12)}: training ${plan.contenders.map((contender) => contender.name).join(', ')}`,
    );
    const [results] = await Promise.all([
      trainContenders(input, plan, snapshot),
      evaluateChampion(input, plan, snapshot),
    ]);
    const versions = results.filter((result) => result.ok).map((result) => result.version);
    if (versions.length === 0) {
      const failure = results.find((result) => !result.ok);
      return {
        type: 'failed',
        code: failure?.code ?? 'TRAINING_FAILED',
        message: `no contender could be trained: ${failure?.message ?? ''}`,
      };
    }
    setCurrentDetails('deciding');
    const decision = await data.decideCycle({ ...input, snapshot, versions });
    setCurrentDetails(`${decision.verdict}: ${decision.reason}`);
    return { type: 'decided', decision };
  };
  return reportingTo('cycle', input, work, () => missing);
}

/** A contender that fails is alerted and left out; the others go on. */
async function trainContenders(
  input: TrainingCycleInput,
  plan: CyclePlan,
  snapshot: SnapshotRef,
): Promise<ChallengerResult[]> {
  return Promise.all(
    plan.contenders.map(async (contender): Promise<ChallengerResult> => {
      try {
        return await executeChild<typeof challenger>('challenger', {
          workflowId: challengerId(input.cycle, contender.name),
          args: [{ ...input, snapshot, contender: contender.name, queue: contender.queue }],
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          staticSummary: `${input.model}: ${contender.name} of ${input.logicalTime}`,
        });
      } catch (error) {
        const failure = describeFailure(error);
        await control.raiseAlert({
          key: `contender-failed/${workflowInfo().workflowId}/${contender.name}`,
          model: input.model,
          severity: 'warning',
          event: 'contender.failed',
          what: `contender ${contender.name} of ${input.logicalTime} could not be trained`,
          why: `${failure.code}: ${failure.message}`,
          command: `temporal workflow describe --workflow-id ${challengerId(input.cycle, contender.name)}`,
          asOf: input.asOf,
        });
        return { ok: false, contender: contender.name, ...failure };
      }
    }),
  );
}

async function evaluateChampion(input: TrainingCycleInput, plan: CyclePlan, snapshot: SnapshotRef): Promise<void> {
  if (plan.championVersion !== null) await data.evaluateVersion({ ...input, version: plan.championVersion, snapshot });
}
