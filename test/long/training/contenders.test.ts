// Contenders of every trainer of the Python worker through the real lifecycle; and what `check` refuses before any training.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createModelReports } from '../../../src/activities/explaining/model-reports';
import { createEngine } from '../../../src/data/engine';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import { lightgbm, sklearn, trainFunction, xgboost } from '../../../src';
import { loadConfig } from '../../../src/config';
import { sourceDigest } from '../../../src/definition/contenders/function-source';
import { defineModel } from '../../../src/definition/define-model';
import { checkContenders } from '../../../src/embedded/python-check';
import tiny from '../../models/tiny/model';
import type { Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';
import { startTrainedProduct, type TrainedProduct } from '../../setup/trained-product';

const EXAMPLE = resolve(__dirname, '../../../docs/examples/own-trainer/trainer.py');
/** A new environment installs the optional libraries first. */
const CYCLE_WITHIN_MS = 110_000;

let trained: TrainedProduct;
let product: Product;
beforeAll(async () => {
  trained = await startTrainedProduct();
  ({ product } = trained);
});
afterAll(() => trained.close());

it('trains, checks and saves contenders of XGBoost, scikit-learn and an own function beside LightGBM', async () => {
  const folder = product.addModelFolder('trainers');
  cpSync(EXAMPLE, join(folder, 'trainer.py'));
  const own = trainFunction({ path: 'trainer:train_rates', params: { column: 'kind' } });
  const model = await deployTiny(product, 'trainers', {
    approval: { when: 'never' },
    contenders: {
      light: lightgbm({ iterations: 5, weights: { classes: 'balanced' }, monotone: { x1: 1 } }),
      boosted: xgboost({ iterations: 10, weights: { classes: { negative: 1, positive: 2 } }, monotone: { x1: 1 } }),
      forest: sklearn({ estimator: 'random-forest', params: { n_estimators: 5, min_samples_leaf: 5 } }),
      own: { ...own, functionDigest: sourceDigest(folder, 'trainer:train_rates') },
      // Its source is not the deployed one.
      stale: { ...own, functionDigest: '0'.repeat(64) },
    },
  });
  await model.backfill();
  await product.lifecycles.retrain('trainers', { logicalTime: '2013-03-16', reason: 'test', by: 'test' }, 'once');
  await model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);

  const versions = await product.stores.registry.list('trainers');
  const trainers = Object.fromEntries(versions.map(({ contender, lineage }) => [contender, lineage.trainer]));
  expect(trainers).toEqual({ light: 'lightgbm', boosted: 'xgboost', forest: 'sklearn', own: 'function' });
  const libraries = Object.fromEntries(versions.map(({ contender, training }) => [contender, training.libraries]));
  expect(Object.keys(libraries['boosted']!).some((name) => name.startsWith('xgboost'))).toBe(true);
  expect(libraries['forest']).toMatchObject({ estimator: 'sklearn.ensemble.RandomForestClassifier' });
  expect(libraries['own']).toMatchObject({
    'function trainer:train_rates': `sha256 ${sourceDigest(folder, 'trainer:train_rates')}`,
  });
  expect(versions.every(({ training }) => training.peakMemoryMiB > 0)).toBe(true);
  await expectContributions('trainers', versions);
  expect(trained.worker.log()).toContain('is not the one that was deployed; run: npx understudy deploy trainers');
});

/** Of trees they come from the trainer's own model, and are refused unless they add up; a forest and a function have none. */
async function expectContributions(model: string, versions: readonly ModelVersion[]): Promise<void> {
  const { stores } = product;
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: join(trained.artifacts, 'spill') });
  const reports = createModelReports({ stores, artifacts: product.artifacts, engine });
  const snapshot = (await stores.features.loadSnapshot(versions[0]!.lineage.snapshot))!;
  const path = await product.artifacts.localPath(snapshot.truth);
  const [row] = await engine.task((connection) =>
    connection.rows(`SELECT __key FROM read_parquet('${path}') ORDER BY __key LIMIT 1`),
  );
  for (const { version, lineage } of versions) {
    const { shap, importance } = await reports.explanation(model, version);
    expect(importance.features).toHaveLength(4);
    const asked = reports.contributions(model, version, String(row!['__key']));
    if (['lightgbm', 'xgboost'].includes(lineage.trainer)) {
      expect(shap).toMatchObject({ method: 'path-dependent', meanAbs: { x1: expect.any(Number) as number } });
      const { task, features } = await asked;
      expect(features).toHaveLength(4);
      expect(shap!.classes?.map(({ name }) => name)).toEqual(
        task === 'multiclass' ? ['early', 'late', 'very late'] : undefined,
      );
    } else {
      expect(shap).toBeNull();
      await expect(asked).rejects.toMatchObject({ code: 'CONTRIBUTIONS_UNAVAILABLE' });
    }
  }
  engine.close();
}

it('tells the parts of several classes and of values for trees, each checked against the model that serves', async () => {
  const contenders = {
    light: lightgbm({ iterations: 5 }),
    boosted: xgboost({ iterations: 5 }),
    forest: sklearn({ estimator: 'random-forest', params: { n_estimators: 5, min_samples_leaf: 5 } }),
  };
  const early = "CASE WHEN delay < 10 THEN 'early' WHEN delay < 20 THEN 'late' WHEN delay >= 20 THEN 'very late' END";
  const ofClasses = await deployTiny(product, 'classes', {
    ...{ approval: { when: 'never' }, task: 'multiclass', contenders },
    label: { table: 'results', sql: early, classes: ['early', 'late', 'very late'] },
    evaluation: { ...tiny.plan.evaluation, primary: 'log_loss' },
  });
  const ofValues = await deployTiny(product, 'values', {
    ...{ approval: { when: 'never' }, task: 'regression', contenders },
    label: { table: 'results', sql: 'delay' },
    evaluation: { ...tiny.plan.evaluation, primary: 'mae' },
  });
  for (const model of [ofClasses, ofValues]) {
    await model.backfill();
    await product.lifecycles.retrain(model.name, { logicalTime: '2013-03-16', reason: 'test', by: 'test' }, 'once');
    await model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);
    const versions = await product.stores.registry.list(model.name);
    expect(versions.map(({ contender }) => contender).sort()).toEqual(['boosted', 'forest', 'light']);
    await expectContributions(model.name, versions);
  }
});

it('refuses before any training what the trainer cannot train or convert', async () => {
  const config = loadConfig();
  const { plan } = defineModel({
    ...tiny.plan,
    contenders: {
      fine: lightgbm({ iterations: 5 }),
      misspelt: lightgbm({ params: { num_leafs: 3 } }),
      discriminant: sklearn({ estimator: 'sklearn.discriminant_analysis.LinearDiscriminantAnalysis' }),
      absent: trainFunction({ path: 'nothing:train' }),
    },
  });
  const options = {
    cache: config.cache,
    requirements: join(config.packageRoot, 'trainers', 'python', 'requirements.txt'),
    modelsDir: resolve(__dirname, '../../models'),
    environment: config.environment,
    ...(config.python ? { python: config.python } : {}),
  };
  const { problems, unchecked } = await checkContenders(plan, options);
  expect(unchecked).toEqual([]);
  expect(Object.fromEntries(problems.map(({ contender, message }) => [contender, message]))).toEqual({
    misspelt: 'params.num_leafs is no parameter of LightGBM. Did you mean "num_leaf"?',
    discriminant: expect.stringContaining(
      'LinearDiscriminantAnalysis cannot be converted to ONNX (its converted form differs by',
    ) as string,
    absent: expect.stringContaining('There is no module nothing in') as string,
  });

  const empty = mkdtempSync(join(tmpdir(), 'understudy-no-cache-'));
  expect(await checkContenders(plan, { ...options, cache: empty })).toMatchObject({
    problems: [],
    unchecked: Object.keys(plan.contenders).map((contender) => ({ contender })),
  });
  rmSync(empty, { recursive: true });
});
