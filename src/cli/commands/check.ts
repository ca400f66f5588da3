// `check`: loads definitions and says what is wrong with them; needs no server, no database and no data.
// Contenders of the Python worker are also tried by it, where its environment has been made.
import { listDefinitions, loadDefinition } from '../../definition/catalog';
import { planDigest } from '../../definition/digest';
import { evaluationNotes } from '../../definition/checks/evaluation-checks';
import { refuseUntrainable } from '../../definition/contenders/untrainable';
import { FAILURES, failureCodeOf } from '../../domain/failures';
import type { ContenderFindings } from '../../domain/training/training';
import type { CliContext, Command } from '../command';
import { table } from '../output';

interface Checked {
  readonly model: string;
  readonly ok: boolean;
  readonly digest: string | null;
  readonly features: number;
  readonly contenders: readonly string[];
  /** Contenders that could not be tried here, and why. */
  readonly unchecked: ContenderFindings['unchecked'];
  /** What is allowed and yet may surprise. */
  readonly notes: readonly string[];
  readonly code: string | null;
  readonly message: string | null;
}

export const check: Command = {
  name: 'check',
  summary: 'Check definitions, offline: every mistake with its field, what was found and what is allowed.',
  arguments: ['model?'],
  options: {},
  examples: ['check', 'check flight-delay'],
  async run(context, input) {
    const { output, modelsDir, setExitCode } = context;
    const model = input.arguments['model'];
    const checked: Checked[] = [];
    for (const name of model ? [model] : listDefinitions(modelsDir)) checked.push(await checkOne(context, name));
    const bad = checked.filter((each) => !each.ok);
    output.result({ modelsDir, definitions: checked }, () => {
      const good = checked.filter((each) => each.ok);
      if (checked.length === 0) return `No definitions in ${modelsDir}.`;
      if (good.length === 0) return `0 of ${checked.length} definitions are valid.`;
      const rows = good.map((each) => [
        each.model,
        each.features,
        each.contenders.join(', '),
        each.digest?.slice(0, 12) ?? null,
      ]);
      return table(['valid definition', 'features', 'contenders', 'digest'], rows);
    });
    for (const { model: name, unchecked, notes } of checked) {
      for (const note of notes) output.progress(`${name}: ${note}`);
      for (const { contender, reason } of unchecked)
        output.progress(`${name}: contenders.${contender} not tried: ${reason}`);
    }
    for (const { code, message } of bad) output.progress(`understudy: ${code}: ${message}`);
    const first = bad[0]?.code as keyof typeof FAILURES | undefined;
    if (first) {
      output.progress(FAILURES[first].remedy);
      setExitCode(FAILURES[first].exit);
    }
  },
};

async function checkOne({ modelsDir, checkContenders }: CliContext, model: string): Promise<Checked> {
  const none = {
    model,
    ok: false,
    digest: null,
    features: 0,
    contenders: [],
    unchecked: [],
    notes: [],
    code: null,
    message: null,
  };
  try {
    const { plan } = loadDefinition(modelsDir, model);
    const findings = await checkContenders(plan);
    refuseUntrainable(plan, findings);
    const { unchecked } = findings;
    const features = plan.features.reduce((sum, view) => sum + Object.keys(view.features).length, 0);
    const contenders = Object.keys(plan.contenders);
    const notes = evaluationNotes(plan);
    return { ...none, ok: true, digest: planDigest(plan), features, contenders, unchecked, notes };
  } catch (error) {
    return { ...none, code: failureCodeOf(error), message: error instanceof Error ? error.message : String(error) };
  }
}
