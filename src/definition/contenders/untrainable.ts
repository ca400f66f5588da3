// What a contender's own trainer refuses, as the author's mistake in the definition.
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ContenderFindings } from '../../domain/training/training';

/** Fails with DEFINITION_INVALID, a line for each contender that its trainer says it can never train. */
export function refuseUntrainable({ name }: ModelPlan, { problems }: ContenderFindings): void {
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ contender, message }) => `models/${name}/model.ts: contenders.${contender}: ${message}`,
  );
  throw new UnderstudyError('DEFINITION_INVALID', lines.join('\n'), { problems });
}
