// What a difference of two predictions is counted in: 1 for probabilities; for values what their unit and float32 allow.
import { recordedTarget } from '../domain/evaluation/task';
import type { ModelSignature } from '../domain/training/training';

/**
 * The unit of differences from an expected prediction. Of a `regression` the largest of 1, the standard deviation of the training labels, and the
 * value itself, since float32 keeps seven digits of whatever unit the label has; else 1.
 */
export function scaleOf(signature: ModelSignature): (expected: number) => number {
  const { labels } = signature;
  if (recordedTarget(signature).task !== 'regression') return () => 1;
  const least = Math.max(1, labels && 'variance' in labels ? Math.sqrt(labels.variance) : 0);
  return (expected) => Math.max(least, Math.abs(expected));
}
