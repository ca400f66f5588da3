// The LifecycleGateway port over Temporal: how activities reach the lifecycle and its children.
import type { Client } from '@temporalio/client';
import type { LifecycleGateway } from '../ports/lifecycle-gateway';
import { endedChildren } from './ended-children';
import { createLifecycleClient } from './lifecycle-client';

/** Shorter than the tick activity's own time-out, so that the activity fails with a sentence of ours and is tried again. */
const TICK_TIMEOUT_MS = 15_000;

/** A gateway that sends ticks by update-with-start, under the update id `<kind>/<logicalTime>/<asOf>`. */
export function createLifecycleGateway(client: Client): LifecycleGateway {
  const lifecycles = createLifecycleClient(client, { timeoutMs: TICK_TIMEOUT_MS });
  return {
    tick: (model, clock, message) => lifecycles.tick(model, clock, message),
    ended: (ids) => endedChildren(client, ids),
  };
}
