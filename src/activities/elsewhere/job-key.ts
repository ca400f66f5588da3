// What a training is called at a job server: the same training always has the same name, whoever asks and however often.
import { digestOf } from '../digest';
import type { TrainRequest } from '../../domain/training/training';

/** SHA-256 of the challenger (its workflow id: cycle and contender, never a run or an attempt) and of all that is asked. */
export function jobKey(workflowId: string, request: TrainRequest): string {
  return digestOf({ workflowId, request });
}
