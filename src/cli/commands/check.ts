// `check`: loads definitions and says what is wrong with them; needs no server, no database and no data.
import { listDefinitions, loadDefinition } from '../../definition/catalog';
import { planDigest } from '../../definition/digest';
import { FAILURES, failureCodeOf } from '../../domain/failures';
import type { Command } from '../command';
import { table } from '../output';

interface Checked {
  readonly model: string;
  readonly ok: boolean;
  readonly digest: string | null;
  readonly features: number;
  readonly contenders: readonly string[];
  readonly code: string | null;
  readonly message: string | null;
}

export const check: Command = {
  name: 'check',
  summary: 'Check definitions, offline: every mistake with its field, what was found and what is allowed.',
  arguments: ['model?'],
  options: {},
  examples: ['check', 'check flight-delay'],
  async run({ output, modelsDir, setExitCode }, input) {
    const model = input.arguments['model'];
    const checked = (model ? [model] : listDefinitions(modelsDir)).map((name) => checkOne(modelsDir, name));
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
    for (const { code, message } of bad) output.progress(`understudy: ${code}: ${message}`);
    const first = bad[0]?.code as keyof typeof FAILURES | undefined;
    if (first) {
      output.progress(FAILURES[first].remedy);
      setExitCode(FAILURES[first].exit);
    }
  },
};

function checkOne(modelsDir: string, model: string): Checked {
  const none = { model, ok: false, digest: null, features: 0, contenders: [], code: null, message: null };
  try {
    const { plan } = loadDefinition(modelsDir, model);
    const features = plan.features.reduce((sum, view) => sum + Object.keys(view.features).length, 0);
    return { ...none, ok: true, digest: planDigest(plan), features, contenders: Object.keys(plan.contenders) };
  } catch (error) {
    return { ...none, code: failureCodeOf(error), message: error instanceof Error ? error.message : String(error) };
  }
}
