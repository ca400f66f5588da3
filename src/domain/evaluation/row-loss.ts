// The loss of a row by task: what decisions, slices and monitoring add up, and what people call it.
import type { Estimate, MetricSet } from './evaluation';
import type { Task } from './metrics';

/**
 * What the loss of a row is called. `scaled squared error`: (prediction - label)² / variance of the training labels, so that 1 is what always
 * predicting the training mean costs, and a margin of 0.01 is one per cent of the label's variance, whatever its unit.
 */
export function lossName(task: Task = 'binary'): 'log loss' | 'scaled squared error' {
  return task === 'regression' ? 'scaled squared error' : 'log loss';
}

/** What predictions are worth nothing beside: the best constant that the training rows know. */
export function constantName(task: Task = 'binary'): string {
  return {
    binary: 'the base rate',
    multiclass: "the training rows' shares of the classes",
    regression: 'the training mean',
  }[task];
}

const UNKNOWN: Estimate = { value: null, low: null, high: null };

/** The mean row loss of a set: its log loss, of a regression its scaled squared error. */
export function meanRowLoss({ rowLoss, metrics }: Pick<MetricSet, 'rowLoss' | 'metrics'>): Estimate {
  return rowLoss ?? metrics['log_loss'] ?? UNKNOWN;
}
