// Judges the parameters of the trainers `logistic` and `linear`: a mistake is the author's, said in a sentence, before any work.
import { UnderstudyError } from '../domain/failures';
import type { TrainRequest } from '../domain/training/training';
import { RIDGE_DEFAULTS, type RidgeParams } from './linear/ridge';
import { LOGISTIC_DEFAULTS, type LogisticParams } from './logistic';

interface Rule {
  readonly allowed: string;
  readonly holds: (value: number) => boolean;
}

const RULES: Readonly<Record<keyof LogisticParams, Rule>> = {
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
  requireKnown('logistic', params, RULES);
  return { ...LOGISTIC_DEFAULTS, ...params };
}

/**
 * The parameters with their defaults.
 * @throws UnderstudyError as {@link logisticParams}.
 */
export function linearParams(params: TrainRequest['params']): RidgeParams {
  requireKnown('linear', params, { l2: RULES.l2 });
  return { ...RIDGE_DEFAULTS, ...params };
}

function requireKnown(trainer: string, params: TrainRequest['params'], rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(params)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule)
      throw failed(name, `is no parameter of the ${trainer} trainer; allowed are ${Object.keys(rules).join(', ')}`);
    if (typeof value !== 'number' || !rule.holds(value))
      throw failed(name, `is ${JSON.stringify(value)}; allowed is ${rule.allowed}`);
  }
}

function failed(name: string, what: string): UnderstudyError {
  return new UnderstudyError('TRAINING_FAILED', `params.${name} ${what}.`, { parameter: name });
}
