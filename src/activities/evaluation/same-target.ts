// A version is judged only by labels of what it predicts. Invariant: another task, or other classes, is refused before anything is scored.
import { UnderstudyError } from '../../domain/failures';
import { isSameTarget } from '../../domain/evaluation/predictions';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import { recordedTarget, type Target } from '../../domain/evaluation/task';
import type { ModelSignature } from '../../domain/training/training';

/** Fails with FEATURES_CHANGED when the labels of the rows are not what the version predicts. `coding`: that of the rows. */
export function requireSameTarget(
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
  signature: ModelSignature,
  coding: ModelSignature,
): void {
  const [own, rows] = [recordedTarget(signature), recordedTarget(coding)];
  if (isSameTarget(own, rows)) return;
  throw new UnderstudyError(
    'FEATURES_CHANGED',
    `Version ${version} of ${model} predicts ${words(own)}, and the labels of the snapshot are ${words(rows)}: the definition has another task, or other classes, since.`,
    { model, version },
  );
}

function words({ task, classes }: Target): string {
  return classes === undefined ? `a ${task} label` : `one of ${classes.join(', ')}`;
}
