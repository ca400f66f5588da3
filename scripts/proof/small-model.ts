// The model whose life is lived again and again: the tests' tiny one with trees from the Python worker beside the logistic regression.
// Each copy has the same rows in another file and the same queries in other words, so that nothing of an earlier copy is reused, and yet the
// same bytes must come out.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lightgbm, logistic } from '../../src/definition/contenders/builders';
import { loadDefinition } from '../../src/definition/catalog';
import { defineModel } from '../../src/definition/define-model';
import type { ModelPlan } from '../../src/domain/plan/plan';

/** The days that a life backfills, and the logical time of its cycle. */
export const DAYS = { from: '2013-03-06', to: '2013-04-04', cycle: '2013-04-05' } as const;

/** Trees enough for a training of about two seconds: long enough to be killed in. */
const TREES = { iterations: 1000, learningRate: 0.005, leaves: 15 };

/** Writes the data of a copy below `modelsFolder` and gives its plan. */
export function makeSmallModel(packageRoot: string, modelsFolder: string, name: string): ModelPlan {
  const models = join(packageRoot, 'test', 'models');
  const tiny = loadDefinition(models, 'tiny').plan;
  const folder = join(modelsFolder, name);
  mkdirSync(folder, { recursive: true });
  for (const file of ['orders.csv', 'results.csv']) {
    const lines = readFileSync(join(models, 'tiny', file), 'utf8')
      .trimEnd()
      .split('\n');
    writeFileSync(join(folder, file), lines.map((line, at) => `${line},${at === 0 ? 'copy' : name}\n`).join(''));
  }
  return defineModel({
    ...tiny,
    name,
    features: tiny.features.map((view) => ({ ...view, sql: `/* ${name} */ ${view.sql}` })),
    snapshot: { ...tiny.snapshot, start: DAYS.from },
    contenders: { trees: lightgbm(TREES), main: logistic({ l2: 1 }) },
    approval: { when: 'never' },
  }).plan;
}
