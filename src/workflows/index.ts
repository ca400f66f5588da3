// All workflow types, by name: every export here can be started by anyone, so nothing else is exported.
export { backfill } from './backfill';
export { challenger } from './challenger';
export { experiment } from './experiment';
export { ingestPartition } from './ingest-partition';
export { modelLifecycle } from './model-lifecycle';
export { monitorModel } from './monitor-model';
export { reproduceVersion } from './reproduce-version';
export { retention } from './retention';
export { rollout } from './rollout';
export { scorePartition } from './score-partition';
export { tick } from './tick';
export { trainingCycle } from './training-cycle';
export { tuneModel } from './tune-model';
