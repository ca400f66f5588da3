// Starts children of the lifecycle, and asks after those that may have ended without a report. Children are started with ABANDON and a
// refused duplicate id: they outlive a run of the entity, and the same work is never started twice. Only an ingest may be started again after
// it has ended: what its delivery is by then, the database says.
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Day } from '../../domain/days';
import type { ChildKind, OpenWork } from '../../domain/lifecycle/lifecycle';
import type { StepContext } from '../../ports/activities';
import { control } from '../proxies';
import type { Entity } from './entity';

/** `merged`: the same work was started before, and is under way or (not an ingest) has ended. */
export type Launched = 'started' | 'merged';

const NO_EPOCH = -1;

/** Starts a child under its id; all but an ingest once ever. */
export async function launch<T extends StepContext>(
  entity: Entity,
  kind: ChildKind,
  type: string,
  id: string,
  logicalTime: Day | null,
  input: T,
  /** The id with which a person's request for it was accepted. */
  request?: string,
): Promise<Launched> {
  const { state } = entity;
  if (state.open.some((open) => open.id === id)) return 'merged';
  const work: OpenWork = {
    kind,
    id,
    since: input.asOf,
    logicalTime,
    epoch: state.epoch,
    ...(request === undefined ? {} : { request }),
  };
  state.open.push(work);
  try {
    await startChild(type, {
      workflowId: id,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy:
        kind === 'ingest' ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : WorkflowIdReusePolicy.REJECT_DUPLICATE,
      staticSummary: `${kind} of ${entity.model}${logicalTime ? `, ${logicalTime}` : ''}`,
    });
    return 'started';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      state.open = state.open.filter((open) => open !== work);
      throw error;
    }
    // Done before, or under way: the reconciliation reads its outcome where it cannot report any more. It was about a champion that nobody
    // here knows, so a verdict of it moves nothing.
    state.open = state.open.map((open) => (open === work ? { ...work, epoch: NO_EPOCH } : open));
    await reconcile(entity, [id]);
    return 'merged';
  }
}

/** Asks the server about open work that may have ended without a report. */
export async function reconcile({ state }: Entity, idsToAsk: readonly string[]): Promise<void> {
  const ended = await control.findEnded({ ids: idsToAsk });
  for (const { id, outcome } of ended) {
    const work = state.open.find((open) => open.id === id);
    const reported = state.outcomes.some((known) => known.id === id);
    if (work && !reported) state.outcomes.push({ kind: work.kind, id, outcome });
  }
}
