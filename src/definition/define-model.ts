// defineModel: what an author writes becomes a checked plan, or one error that lists every mistake.
// Invariant: a Definition that exists is valid; its plan is JSON with every default filled in.
import { UnderstudyError } from '../domain/failures';
import { ModelPlan, type ModelPlanInput } from '../domain/plan/plan';
import { planProblems } from './checks/checks';
import { shapeProblems, type Problem } from './checks/problems';
import { withTaskDefaults } from './checks/task-checks';

/** A model as its author defines it. */
export interface Definition {
  /** What is recorded: the definition with every default filled in. */
  readonly plan: ModelPlan;
  /** What the author has written, without defaults: what other definitions extend. */
  readonly written: ModelPlanInput;
}

/**
 * Checks a definition and fills in its defaults. The default export of `models/<name>/model.ts` is its result.
 *
 * Required: `name`, `task`, `timeZone`, `tables`, `entity`, `label`, `features`, `contenders`, `snapshot.start`; all else has a default.
 *
 * Fails with DEFINITION_INVALID, one line per mistake: the path of the field, what was found, what is allowed. Shape first; the checks
 * across fields (a view that reads an undeclared table, a slice that is no category, …) follow once the shape is right.
 */
export function defineModel(input: ModelPlanInput): Definition {
  const parsed = ModelPlan.safeParse(withTaskDefaults(input), { reportInput: true });
  const shape = shapeProblems(input, parsed.error);
  if (!parsed.success || shape.length > 0) throw invalid(input, shape);
  const crossed = planProblems(parsed.data);
  if (crossed.length > 0) throw invalid(input, crossed);
  return { plan: parsed.data, written: input };
}

function invalid(input: unknown, problems: readonly Problem[]): UnderstudyError {
  const name: unknown = (input as { name?: unknown } | null | undefined)?.name;
  const file = `models/${typeof name === 'string' ? name : '<name>'}/model.ts`;
  const lines = problems.map(
    (problem) => `${file}: ${problem.path}: found ${problem.found}, allowed is ${problem.allowed}`,
  );
  return new UnderstudyError('DEFINITION_INVALID', lines.join('\n'), { file, problems });
}
