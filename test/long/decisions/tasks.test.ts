// Decisions of a regression and of several classes, as workers make them: made again to the same digest, judged and compared from the command
// line by the metrics of their task, with a card each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CardDocument } from '../../../src/dashboard/card/document';
import type { ClassContributions, ValueContributions } from '../../../src/domain/evaluation/explanation';
import type { Decision } from '../../../src/domain/evaluation/evaluation';
import { linear, logistic } from '../../../src/index';
import type { ComparisonReport, Recomputation, VersionReport } from '../../../src/ports/decision-reports';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { openReports, type Reports } from '../../setup/reports';
import { deployTiny, LONG_ENOUGH_DAY, LONG_HOLDOUT, type Change } from '../../setup/tiny-lifecycle';

const EVALUATION = { ...tiny.plan.evaluation, slices: ['kind'], sliceMinRows: 50 };
const CHANGES: Readonly<Record<'value' | 'class', Change>> = {
  value: {
    task: 'regression',
    label: { table: 'results', sql: 'delay' },
    contenders: { main: linear({ l2: 1 }), flat: linear({ l2: 20_000 }) },
    evaluation: { ...EVALUATION, primary: 'mae', gates: [{ metric: 'pinball@0.9', on: 'truth', max: 1e6 }] },
  },
  class: {
    task: 'multiclass',
    label: {
      table: 'results',
      sql: "CASE WHEN delay < 10 THEN 'early' WHEN delay < 20 THEN 'late' WHEN delay >= 20 THEN 'very late' END",
      classes: ['early', 'late', 'very late'],
    },
    contenders: { main: logistic({ l2: 1 }), flat: logistic({ l2: 20_000 }) },
    evaluation: { ...EVALUATION, primary: 'log_loss' },
  },
};

let product: Product;
let reports: Reports;
beforeAll(async () => {
  product = await startProduct();
  reports = await openReports(product);
  for (const [name, change] of Object.entries(CHANGES)) {
    const model = await deployTiny(product, name, { ...LONG_HOLDOUT, approval: { when: 'never' }, ...change });
    await model.retrain(LONG_ENOUGH_DAY);
    await model.retrain('2013-03-25');
  }
});
afterAll(async () => {
  reports.close();
  await product.close();
});

const run = (...args: readonly string[]): ReturnType<Reports['run']> => reports.run(args);
const decisionsOf = async (name: string): Promise<Decision[]> =>
  (await product.stores.registry.decisions(name, 5)).reverse();

it.each([
  ['value', 'scaled squared error'],
  ['class', 'log loss'],
])('of a %s are by its %s, and come out the same from their predictions', async (name, loss) => {
  const decisions = await decisionsOf(name);
  expect(decisions).toHaveLength(2);
  expect(decisions[0]).toMatchObject({ verdict: 'promote', proposed: { contender: 'main', kind: 'first' } });
  for (const { digest } of decisions) {
    const { text, code } = await run('explain', name, digest.slice(0, 16), '--recompute', '--json');
    const { recomputed } = JSON.parse(text) as { recomputed: Recomputation };
    expect([code, recomputed.identical, recomputed.differences]).toEqual([0, true, []]);
  }
  const { text } = await run('explain', name, decisions[1]!.digest.slice(0, 12));
  expect(text).toContain('slice');
  const words = decisions
    .flatMap(({ candidates }) => candidates.flatMap(({ gates }) => gates))
    .map((gate) => gate.explanation);
  expect(words.join('\n')).toContain(`${loss} minus that of the champion`);
  expect((await run('versions', name)).text).toContain(`${loss} holdout`);
});

it('are ranked and bound by any metric of the task, and refuse those of another', async () => {
  const gate = (await decisionsOf('value'))[0]!.candidates[0]!.gates.find((each) => each.gate === 'pinball@0.9-max');
  expect(gate).toMatchObject({ on: 'truth', passed: true, value: expect.any(Number) as number });
  const judge = async (...args: readonly string[]) => {
    const { text, code } = await run('evaluate', ...args, '--json');
    return { code, report: JSON.parse(text) as VersionReport };
  };
  expect((await judge('value@champion', '--gate', 'r2=0.01', '--gate', 'truth.bias=1000')).code).toBe(0);
  const failed = await judge('class@champion', '--gate', 'f1_macro=0.999', '--gate', 'top_k_accuracy@2=0.1');
  expect(failed.report.gates.filter(({ passed }) => !passed).map((each) => each.gate)).toEqual(['f1_macro-min']);
  expect(failed.code).toBe(1);
  await expect(run('evaluate', 'value@champion', '--gate', 'log_loss=1')).rejects.toMatchObject({ code: 'USAGE' });
});

it.each(['value', 'class'])('of a %s set versions side by side', async (name) => {
  const { text } = await run('compare', `${name}@1`, `${name}@2`, '--json');
  const { versions, differences } = JSON.parse(text) as ComparisonReport;
  const [first, second] = versions;
  for (const [metric, { value }] of Object.entries(differences[0]!.metrics.holdout)) {
    expect(value).toBeCloseTo(second!.holdout.metrics[metric]!.value! - first!.holdout.metrics[metric]!.value!, 8);
  }
  expect(differences[0]!.pSmallerLoss.holdout).toEqual(expect.any(Number));
  expect((await run('compare', `${name}@1`, `${name}@2`)).text).toContain('one-sided p, lower');
});

it.each([
  ['value', 'mae', 'values'],
  ['class', 'log_loss', 'classes'],
] as const)('of a %s have a card, with importance by %s and the curves of its %s', async (name, metric, curves) => {
  const out = join(reports.scratch, `${name}.html`);
  await run('card', `${name}@champion`, '--out', out);
  const card = JSON.parse((await run('card', `${name}@champion`, '--json')).text) as CardDocument;
  const { importance, dependence } = card.explanation!;
  expect([importance.metric, importance.features[0]!.mean! > 0]).toEqual([metric, true]);
  expect(importance.baseline).toBeCloseTo(card.metrics.find((each) => each.metric === metric)!.holdout.value!, 5);
  expect(card.explanation!.curves[curves]).toBeDefined();
  expect(dependence.features[0]!.points[0]!.means?.length).toBe(name === 'class' ? 3 : undefined);
  expect(readFileSync(out, 'utf8')).not.toMatch(/NaN|undefined|Infinity/);
  if (name === 'class') expect(card.explanation!.curves.classes!.topLabel!.ece).toEqual(expect.any(Number));
});

/** The key of a row that the champion was judged on. */
async function judgedKey(name: string): Promise<string> {
  const { version } = await product.stores.registry.champion(name);
  const { lineage } = await product.stores.registry.load(name, version!);
  const snapshot = (await product.stores.features.loadSnapshot(lineage.snapshot))!;
  const path = await product.artifacts.localPath(snapshot.holdout);
  const [row] = await reports.engine.task((connection) =>
    connection.rows(`SELECT __key FROM read_parquet('${path}') ORDER BY __key LIMIT 1`),
  );
  return String(row!['__key']);
}

it('tell the parts of a value, and of the score of each class, with the Shapley values of the trainer', async () => {
  const ask = async (name: string): Promise<string> =>
    (await run('contributions', `${name}@champion`, '--key', await judgedKey(name), '--json')).text;
  const value = JSON.parse(await ask('value')) as ValueContributions;
  const sum = value.features.reduce((total, { contribution }) => total + contribution, value.base);
  expect(sum).toBeCloseTo(value.prediction, 3);

  const found = JSON.parse(await ask('class')) as ClassContributions;
  const scores = found.classes.map(({ base }, at) =>
    found.features.reduce((total, { contributions }) => total + contributions[at]!, base),
  );
  const exponentials = scores.map(Math.exp);
  const total = exponentials.reduce((all, each) => all + each, 0);
  found.classes.forEach(({ name, probability, score }, at) => {
    expect(['early', 'late', 'very late'][at]).toBe(name);
    expect(scores[at]).toBeCloseTo(score, 9);
    expect(exponentials[at]! / total).toBeCloseTo(probability, 5);
  });
  expect((await run('contributions', 'class', '--key', await judgedKey('class'))).text).toMatch(/feature.*very late/);

  const card = JSON.parse((await run('card', 'class@champion', '--json')).text) as CardDocument;
  expect(card.explanation!.shap!.classes!.map(({ name }) => name)).toEqual(['early', 'late', 'very late']);
});
