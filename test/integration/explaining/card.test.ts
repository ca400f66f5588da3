// Explanations and model cards of a real cycle: made once per version by the cycle itself, the numbers are those of the stored evaluation.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModelReports } from '../../../src/activities/explaining/model-reports';
import { createDecisionReports } from '../../../src/activities/judging/reports';
import type { CardDocument } from '../../../src/dashboard/card/document';
import { createEngine, type Engine } from '../../../src/data/engine';
import type { BinaryContributions } from '../../../src/domain/evaluation/explanation';
import { runCommand } from '../../setup/command-line';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

const NEVER = { approval: { when: 'never' } } as const;
const folder = mkdtempSync(join(tmpdir(), 'cards-'));
let product: Product;
let engine: Engine;
beforeAll(async () => {
  product = await startProduct();
  engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: join(folder, 'spill') });
});
afterAll(async () => {
  engine.close();
  await product.close();
  rmSync(folder, { recursive: true, force: true });
});

const understudy = (...args: string[]): Promise<string> =>
  runCommand(product, args, {
    modelReports: () =>
      Promise.resolve(createModelReports({ stores: product.stores, artifacts: product.artifacts, engine })),
    decisionReports: () =>
      Promise.resolve(createDecisionReports({ stores: product.stores, artifacts: product.artifacts, engine })),
  });

it('makes the card of every version of a cycle, and compares a later one with the champion', async () => {
  const model = await deployTiny(product, 'carded', NEVER);
  await model.retrain('2013-03-11');
  await model.retrain('2013-03-16');
  const { registry, explanations } = product.stores;
  const versions = await registry.list('carded');
  for (const { version } of versions) expect(await explanations.find('carded', version)).toMatchObject({ version });
  const refreshed = versions.find(
    ({ contender, lineage }) => contender === 'main' && lineage.logicalTime === '2013-03-16',
  )!;

  const out = join(folder, 'card.html');
  const printed = await understudy('card', `carded@${refreshed.version}`, '--out', out);
  expect(printed).toContain('log_loss');
  const card = JSON.parse(await understudy('card', `carded@${refreshed.version}`, '--json')) as CardDocument;

  const evaluation = await registry.evaluation('carded', refreshed.version, refreshed.lineage.snapshot);
  for (const { metric, holdout, truth } of card.metrics) {
    const name = metric;
    expect([holdout, truth]).toEqual([evaluation!.holdout.metrics[name], evaluation!.truth.metrics[name]]);
  }
  expect(card.explanation!.importance.baseline).toBeCloseTo(evaluation!.holdout.metrics['log_loss']!.value!, 6);
  expect(card.explanation!.importance.features[0]!.name).toBe('x1');
  expect(card.explanation!.shap).toMatchObject({ method: 'linear', rows: refreshed.training.rows });
  expect(card.explanation!.dependence.features.map(({ feature }) => feature)).toContain('x1');
  expect(card.comparison!.champion).not.toBe(refreshed.version);
  expect(card.comparison!.metrics.some(({ difference }) => difference.low !== null)).toBe(true);
  expect(card.importanceDrift).toMatchObject({ since: card.lineage.parent, common: 4 });
  expect(card.decision!.gates.length).toBeGreaterThan(2);

  const page = readFileSync(out, 'utf8');
  expect(page).toContain(`<h1>carded <span>version ${refreshed.version}</span></h1>`);
  expect(page).not.toMatch(/<script|NaN|undefined/);
  expect((page.match(/<section/g) ?? []).length).toBe((page.match(/<\/section>/g) ?? []).length);
});

it("tells the parts of one prediction, which add up to the model's probability", async () => {
  const model = await deployTiny(product, 'parts', NEVER);
  await model.backfill();
  const { champion } = await model.retrain('2013-03-16');
  const { lineage, signature } = await product.stores.registry.load('parts', champion!.version);
  const snapshot = (await product.stores.features.loadSnapshot(lineage.snapshot))!;
  const path = await product.artifacts.localPath(snapshot.holdout);
  const [row] = await engine.task((connection) =>
    connection.rows(`SELECT __key FROM read_parquet('${path}') ORDER BY __key LIMIT 1`),
  );
  const key = String(row!['__key']);
  const found = JSON.parse(await understudy('contributions', 'parts', '--key', key, '--json')) as BinaryContributions;
  const logOdds = found.features.reduce((sum, { contribution }) => sum + contribution, found.base);
  expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(found.probability, 5);
  expect(signature.sha256).toHaveLength(64);
  expect(found.features.map(({ feature }) => feature).sort()).toEqual(['kind', 'past_delay', 'x1', 'x2']);
  await expect(understudy('contributions', 'parts', '--key', 'nobody')).rejects.toMatchObject({
    code: 'ENTITY_UNKNOWN',
  });
  await expect(understudy('card', 'parts@99')).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
});

it('goes on without an explanation that cannot be made, and the card says why', async () => {
  const model = await deployTiny(product, 'unexplained', NEVER);
  const training = product.hold('explainVersion');
  const cycle = model.retrain('2013-03-11');
  await training.reached;
  for (const { version, training: result } of await product.stores.registry.list('unexplained')) {
    expect(version).toBeGreaterThan(0);
    await product.artifacts.delete(result.report.sha256);
  }
  training.release();
  const { champion } = await cycle;
  expect(champion?.contender).toBe('main');
  const card = JSON.parse(await understudy('card', 'unexplained', '--json')) as CardDocument;
  expect(card.explanation).toBeNull();
  expect(card.limits.join()).toContain('It could not be explained');
});
