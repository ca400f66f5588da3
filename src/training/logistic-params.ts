// Judges the parameters of a logistic contender: a mistake is the author's, said in a sentence, before any work.
import { UnderstudyError } from '../domain/failures';
import type { TrainRequest } from '../domain/training';
import { LOGISTIC_DEFAULTS, type LogisticParams } from './logistic';

const RULES: Readonly<
  Record<keyof LogisticParams, { readonly allowed: string; readonly holds: (value: number) => boolean }>
> = {
  l2: { allowed: 'a number above 0', holds: (value) => value > 0 && Number.isFinite(value) },
  maxIterations: {
    allowed: 'a whole number from 1 to 1000',
    holds: (value) => Number.isInteger(value) && value >= 1 && value <= 1000,
  },
  tolerance: { allowed: 'a number above 0 and below 1', holds: (value) => value > 0 && value < 1 },
};

/**
 * The parameters with their defaults.
 * @throws UnderstudyError `TRAINING_FAILED` naming the parameter, what was found and what is allowed.
 */
export function logisticParams(params: TrainRequest['params']): LogisticParams {
  for (const [name, value] of Object.entries(params)) {
    const rule = name in RULES ? RULES[name as keyof LogisticParams] : undefined;
    if (!rule)
      throw failed(name, `is no parameter of the logistic trainer; allowed are ${Object.keys(RULES).join(', ')}`);
    if (typeof value !== 'number' || !rule.holds(value))
      throw failed(name, `is ${JSON.stringify(value)}; allowed is ${rule.allowed}`);
  }
  return { ...LOGISTIC_DEFAULTS, ...params };
}

function failed(name: string, what: string): UnderstudyError {
  return new UnderstudyError('TRAINING_FAILED', `params.${name} ${what}.`, { parameter: name });
}
