// Workflow ids and task queues: the one place that writes them. Constants and pure string functions only; workflows import this file.
import type { Day } from './days';

export const TASK_QUEUES = {
  control: 'understudy',
  data: 'understudy-data',
  trainPython: 'understudy-train-python',
  trainElsewhere: 'understudy-train-elsewhere',
} as const;

export const SCHEDULE_KINDS = ['ingest', 'score', 'retrain', 'monitor', 'retention'] as const;
export type TickKind = (typeof SCHEDULE_KINDS)[number];

export const lifecycleId = (model: string): string => `lifecycle/${model}`;
export const cycleId = (model: string, logicalTime: Day, round: number): string =>
  `cycle/${model}/${logicalTime}${round > 1 ? `/r${round}` : ''}`;
export const challengerId = (cycle: string, contender: string): string => `challenger/${ofCycle(cycle)}/${contender}`;
export const tuneId = (cycle: string, contender: string): string => `tuneModel/${ofCycle(cycle)}/${contender}`;
/** `digest`: of what is tried on what; `round`: how often it was tried before and swept by retention since, plus 1. */
export const experimentId = (model: string, digest: string, round: number): string =>
  `experiment/${model}/${digest.slice(0, 16)}${round > 1 ? `/r${round}` : ''}`;
/** What children of a cycle are named after; those of an experiment bear its whole id. */
const ofCycle = (cycle: string): string => (cycle.startsWith('cycle/') ? cycle.slice('cycle/'.length) : cycle);
export const ingestId = (model: string, table: string, partition: Day, digest: string): string =>
  `ingestPartition/${model}/${table}/${partition}/${digest}`;
export const scoreId = (model: string, partition: Day, attempt: number): string =>
  `scorePartition/${model}/${partition}${attempt > 1 ? `/r${attempt}` : ''}`;
export const monitorId = (model: string, day: Day, attempt: number): string =>
  `monitorModel/${model}/${day}${attempt > 1 ? `/r${attempt}` : ''}`;
export const rolloutId = (model: string, epoch: number): string => `rollout/${model}/${epoch}`;
export const backfillId = (model: string, from: Day, to: Day, request: string): string =>
  `backfill/${model}/${from}/${to}/${request}`;
export const retentionId = (model: string, day: Day, request: string): string => `retention/${model}/${day}/${request}`;
export const reproduceId = (model: string, version: number, request: string): string =>
  `reproduceVersion/${model}/${version}/${request}`;
export const tickId = (model: string, kind: TickKind): string => `tick/${model}/${kind}`;
export const scheduleId = (model: string, kind: TickKind): string => `${model}/${kind}`;
