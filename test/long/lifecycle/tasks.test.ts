// One model of each task through its whole life, on real data besides flights, from definitions of at most 40 lines: ingest, two contenders
// (one of the Python worker), evaluation, promotion, answers over HTTP, scoring, labels, monitoring, and another cycle.
import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Definition } from '../../../src';
import { addDays, daysBetween, type Day } from '../../../src/domain/days';
import type { Evaluation } from '../../../src/domain/evaluation/evaluation';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import type { LoggedPrediction } from '../../../src/ports/stores';
import digits from '../../models/digits/model';
import rain from '../../models/rain/model';
import temperature from '../../models/temperature/model';
import type { Product } from '../../setup/product';
import { deployTiny, type Change, type Tiny } from '../../setup/tiny-lifecycle';
import { startTrainedProduct, type TrainedProduct } from '../../setup/trained-product';

const MODELS = resolve(__dirname, '../../models');
const WEATHER = resolve(__dirname, '../../../models/flight-delay/data/weather.csv.gz');
const WITHIN_MS = 90_000;

let trained: TrainedProduct;
let product: Product;
beforeAll(async () => {
  trained = await startTrainedProduct();
  ({ product } = trained);
});
afterAll(() => trained.close());

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}
interface Life {
  readonly name: string;
  readonly first: Evaluation;
  readonly outputs: readonly Output[];
  readonly metadata: { readonly parameters: Readonly<Record<string, unknown>> };
  readonly logged: readonly LoggedPrediction[];
  /** Of the days that were scored, in order. */
  readonly reports: readonly MonitorReport[];
}

/** Lives through a model's first champion, three days, and a second cycle; what is the same for all tasks is looked at here. */
async function live({ plan }: Definition, data: string, cycleDay: Day, metric: string): Promise<Life> {
  const { name } = plan;
  const { tables, entity, label, features, contenders, snapshot } = plan;
  const change: Change = {
    ...{ task: plan.task, timeZone: plan.timeZone, tables, entity, label, features, contenders, snapshot },
    evaluation: plan.evaluation,
    approval: { when: 'never' },
    monitoring: { ...plan.monitoring, businessMetric: { name: 'quality', unit: '', sql: metric } },
  };
  const model = await deployTiny(product, name, change, 'simulated');
  cpSync(data, join(model.folder, data.split('/').at(-1)!));
  const rest = () => model.until(({ queued, open }) => queued === 0 && open.length === 0, WITHIN_MS);

  await model.tick('retrain', cycleDay, `${cycleDay}T09:00:00Z`);
  const { champion, health } = await rest();
  expect([...product.alerts.of(name, 'work.failed'), ...product.alerts.of(name, 'contender.failed')]).toEqual([]);
  expect({ champion: champion?.version, health }).toEqual({ champion: expect.any(Number) as number, health: 'good' });
  expect((await product.stores.registry.list(name)).map(({ contender }) => contender).sort()).toEqual([
    'gbm',
    'linear',
  ]);
  expect(await model.served()).toBe(champion!.version);

  const days = daysBetween(cycleDay, addDays(cycleDay, 2));
  for (const day of days) {
    const next = addDays(day, 1);
    await model.tick('ingest', day, `${day}T09:30:00Z`);
    await model.tick('score', day, `${next}T06:00:00Z`);
    await model.tick('ingest', next, `${next}T06:30:00Z`);
    await model.tick('monitor', day, `${next}T09:00:00Z`);
  }
  await rest();
  // The newest of them: its features are online.
  const logged = await product.stores.predictions.list(name, days.at(-1)!, days.at(-1)!);
  const reports = await product.stores.monitoring.list(name, days[0]!, days.at(-1)!);
  const { outputs, metadata } = await ask(
    model,
    logged.slice(0, 3).map(({ entityKey }) => entityKey),
  );

  await model.tick('retrain', addDays(cycleDay, 7), `${addDays(cycleDay, 7)}T09:00:00Z`);
  const after = await rest();
  expect({ phase: after.phase, health: after.health }).toEqual({ phase: 'idle', health: 'good' });
  const [decision, before] = await product.stores.registry.decisions(name, 5);
  expect(before).toMatchObject({ verdict: 'promote', proposed: { kind: 'first' } });
  expect(decision!.candidates.map(({ kind }) => kind).sort()).toEqual(['refresh', 'switch']);
  const isRefreshed = decision!.verdict === 'promote';
  expect(after.epoch).toBe(isRefreshed ? 2 : 1);
  expect(after.champion!.version).toBe(isRefreshed ? decision!.proposed!.version : champion!.version);

  const version = await product.stores.registry.load(name, champion!.version);
  const first = await product.stores.registry.evaluation(name, version.version, version.lineage.snapshot);
  return { name, first: first!, outputs, metadata, logged, reports };
}

async function ask(model: Tiny, keys: readonly string[]): Promise<Pick<Life, 'outputs' | 'metadata'>> {
  const url = `${product.servingUrl}/v2/models/${model.name}`;
  const body = JSON.stringify({ parameters: { entity_keys: keys } });
  const answer = (await (await fetch(`${url}/infer`, { method: 'POST', body })).json()) as {
    outputs: Output[];
    error?: string;
  };
  expect(answer.error).toBeUndefined();
  return { outputs: answer.outputs, metadata: (await (await fetch(url)).json()) as Life['metadata'] };
}

/** What holds of the monitoring of all tasks: each day has labels, compares both contenders, and finds the champion better than a constant. */
function expectWatched({ reports, logged }: Life): void {
  expect(reports).toHaveLength(3);
  expect(logged).toHaveLength(reports.at(-1)!.rows);
  for (const { performance, businessMetric, labelledRows, skew } of reports) {
    expect(labelledRows).toBeGreaterThan(0);
    expect(performance.map(({ contender }) => contender).sort()).toEqual(['gbm', 'linear']);
    expect(businessMetric?.value).toEqual(expect.any(Number));
    expect(skew.differing).toBe(0);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const champions = reports.map(({ performance }) => performance.find(({ role }) => role === 'champion')!.logLoss);
  expect(mean(champions)).toBeLessThan(mean(reports.map(({ baseRateLogLoss }) => baseRateLogLoss!)));
}

it.each(['rain', 'temperature', 'digits'])('%s has a definition of at most 40 lines', (name) => {
  const lines = readFileSync(join(MODELS, name, 'model.ts'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.length).toBeLessThanOrEqual(40);
});

it('a binary model lives its whole life: rain at the airports', async () => {
  const life = await live(rain, WEATHER, '2013-02-20', 'SELECT avg((probability - label) ^ 2) FROM scored');
  expectWatched(life);
  expect(life.first.holdout.metrics['roc_auc']!.value).toBeGreaterThan(0.7);
  const [probability, label] = life.outputs;
  expect(probability!.data[0]).toBeCloseTo(life.logged[0]!.probability!, 6);
  expect(label).toMatchObject({ name: 'label', datatype: 'INT64' });
  expect(life.reports[0]).not.toHaveProperty('task');
});

it('a regression lives its whole life: the temperature six hours ahead', async () => {
  const life = await live(temperature, WEATHER, '2013-02-25', 'SELECT avg(abs(value - label)) FROM scored');
  expectWatched(life);
  const { holdout, baseRate, task } = life.first;
  expect(task).toBe('regression');
  expect(holdout.metrics['r2']!.value).toBeGreaterThan(0.4);
  // 1 is what always predicting the mean of the training rows costs on rows like them.
  expect(holdout.rowLoss!.value).toBeLessThan(0.6 * baseRate.holdoutLogLoss);
  expect(life.outputs).toEqual([
    { name: 'value', datatype: 'FP32', shape: [3], data: life.logged.slice(0, 3).map(({ value }) => value) },
  ]);
  expect(life.metadata.parameters).toMatchObject({ task: 'regression' });
  for (const { task: of, labels, lateShare, performance, businessMetric } of life.reports) {
    expect({ of, lateShare }).toEqual({ of: 'regression', lateShare: null });
    expect(labels).toEqual({ mean: expect.any(Number) as number });
    const champion = performance.find(({ role }) => role === 'champion')!;
    expect(champion.metrics!['mae']).toBeCloseTo(businessMetric!.value!, 4);
  }
});

it('a model of several classes lives its whole life: hand-written digits', async () => {
  const life = await live(
    digits,
    join(MODELS, 'digits/digits.csv.gz'),
    '2013-02-10',
    'SELECT avg(CAST(predicted = label AS INTEGER)) FROM scored',
  );
  expectWatched(life);
  const { holdout, classes } = life.first;
  expect(classes).toHaveLength(10);
  expect(holdout.metrics['accuracy']!.value).toBeGreaterThan(0.8);
  const [probabilities, label] = life.outputs;
  expect(probabilities).toMatchObject({ name: 'probabilities', datatype: 'FP32', shape: [3, 10] });
  expect(probabilities!.data.slice(0, 10)).toEqual(life.logged[0]!.probabilities);
  expect(label).toMatchObject({ name: 'label', datatype: 'BYTES', shape: [3] });
  for (const name of label!.data) expect(classes).toContain(name);
  expect(life.metadata.parameters).toMatchObject({ task: 'multiclass', classes });
  for (const { labels, performance, businessMetric } of life.reports) {
    expect(labels).toHaveProperty('shares');
    const champion = performance.find(({ role }) => role === 'champion')!;
    expect(champion.meanProbabilities).toHaveLength(10);
    expect(champion.metrics!['accuracy']).toBeCloseTo(businessMetric!.value!, 9);
  }
});
