// Every workflow with a step put before its first one: what a careless change looks like to a run that is under way.
import { sleep } from '@temporalio/workflow';
import * as released from '../../../src/workflows';

type Workflow<A extends unknown[], R> = (...args: A) => Promise<R>;

function changed<A extends unknown[], R>(workflow: Workflow<A, R>): Workflow<A, R> {
  return async (...args) => {
    await sleep('1 second');
    return workflow(...args);
  };
}

export const backfill = changed(released.backfill);
export const challenger = changed(released.challenger);
export const experiment = changed(released.experiment);
export const ingestPartition = changed(released.ingestPartition);
export const modelLifecycle = changed(released.modelLifecycle);
export const monitorModel = changed(released.monitorModel);
export const reproduceVersion = changed(released.reproduceVersion);
export const retention = changed(released.retention);
export const rollout = changed(released.rollout);
export const scorePartition = changed(released.scorePartition);
export const tick = changed(released.tick);
export const trainingCycle = changed(released.trainingCycle);
export const tuneModel = changed(released.tuneModel);
