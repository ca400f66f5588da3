// The parameters of the trainers `logistic` and `linear` with their defaults: a mistake is the author's, said in a sentence, before any work.
import { UnderstudyError } from '../domain/failures';
import { threadParameterProblems } from '../domain/training/thread-params';
import type { TrainRequest } from '../domain/training/training';
import { RIDGE_DEFAULTS, type RidgeParams } from './linear/ridge';
import { LOGISTIC_DEFAULTS, type LogisticParams } from './logistic';

/**
 * The parameters with their defaults.
 * @throws UnderstudyError `TRAINING_FAILED` naming the parameter, what was found and what is allowed.
 */
export function logisticParams(params: TrainRequest['params']): LogisticParams {
  requireKnown('logistic', params);
  return { ...LOGISTIC_DEFAULTS, ...params };
}

/**
 * The parameters with their defaults.
 * @throws UnderstudyError as {@link logisticParams}.
 */
export function linearParams(params: TrainRequest['params']): RidgeParams {
  requireKnown('linear', params);
  return { ...RIDGE_DEFAULTS, ...params };
}

function requireKnown(trainer: 'logistic' | 'linear', params: TrainRequest['params']): void {
  const [problem] = threadParameterProblems(trainer, params);
  if (!problem) return;
  const { name, found, allowed } = problem;
  const message = `params.${name}: found ${found}, allowed is ${allowed}.`;
  throw new UnderstudyError('TRAINING_FAILED', message, { parameter: name });
}
