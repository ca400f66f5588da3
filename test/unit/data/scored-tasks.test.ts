// Labels of a day and the table `scored` of the business metric, for each task.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../../src/data/engine';
import { computeBusinessMetric } from '../../../src/data/observe/business-metric';
import { dayLabels } from '../../../src/data/observe/day-rows';
import { ModelPlan, type ModelPlanInput } from '../../../src/domain/plan/plan';
import { TINY_INPUT } from './tiny-model';

const folder = mkdtempSync(join(tmpdir(), 'understudy-scored-'));
const path = join(folder, 'day.parquet');
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: folder });
  await engine.run(
    `COPY (SELECT * FROM (VALUES ('k1', 'late', 12.5), ('k2', 'early', -3), ('k3', NULL, NULL)) t(id, class, minutes))
     TO '${path}' (FORMAT parquet)`,
  );
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true });
});

type Label = Omit<ModelPlanInput['label'], 'table'>;

function planOf(task: ModelPlanInput['task'], label: Label, sql = 'SELECT 1'): ModelPlan {
  const monitoring = { businessMetric: { name: 'cost', unit: 'money', sql } };
  return ModelPlan.parse({ ...TINY_INPUT, task, label: { table: 'deliveries', ...label }, monitoring });
}

const CLASSES = { sql: 'class', classes: ['early', 'on time', 'late'] };
const labels = async (task: ModelPlanInput['task'], label: Label) => [
  ...(await dayLabels(engine, { plan: planOf(task, label), day: '2013-01-01', labelPath: path })),
];

it('gives the labels of a day as numbers, and leaves out entities that have none', async () => {
  expect(await labels('binary', { sql: 'minutes > 0' })).toEqual([
    ['k1', 1],
    ['k2', 0],
  ]);
  expect(await labels('multiclass', CLASSES)).toEqual([
    ['k1', 2],
    ['k2', 0],
  ]);
  expect(await labels('regression', { sql: 'minutes' })).toEqual([
    ['k1', 12.5],
    ['k2', -3],
  ]);
});

it('refuses a text that is no class and a number that is none, with what is allowed', async () => {
  const classes = ['early', 'on time', 'never'];
  await expect(labels('multiclass', { ...CLASSES, classes })).rejects.toMatchObject({
    code: 'MODEL_CODE_FAILED',
    message: expect.stringMatching(/'late' in 1 rows, allowed is one of the classes early, on time, never/) as string,
  });
  await expect(labels('regression', { sql: 'minutes / 0.0' })).rejects.toMatchObject({ code: 'MODEL_CODE_FAILED' });
});

it('has the prediction and the label of each task in `scored`, beside the columns of the entity table', async () => {
  const metric = (task: ModelPlanInput['task'], label: Label, sql: string, outputs: number[][], known: number[]) => {
    const scored = outputs.map((output, row) => ({ key: `k${row + 1}`, output, label: known[row] ?? null }));
    return computeBusinessMetric(engine, { plan: planOf(task, label, sql), entityPath: path, scored });
  };
  const shares = [
    [0.25, 0.25, 0.5],
    [0.375, 0.375, 0.25],
    [0.125, 0.75, 0.125],
  ];
  const ofClasses = (sql: string) => metric('multiclass', CLASSES, sql, shares, [2, 0]);
  expect(await ofClasses('SELECT count(*) FROM scored WHERE predicted = label')).toBe(2);
  expect(await ofClasses("SELECT count(*) FROM scored WHERE predicted = 'on time' AND label IS NULL")).toBe(1);
  expect(await ofClasses('SELECT sum(probabilities[3]) FROM scored')).toBe(0.875);
  const ofValues = (sql: string) => metric('regression', { sql: 'minutes' }, sql, [[10], [-1], [4]], [12.5, -3]);
  expect(await ofValues('SELECT max(abs(value - label)) FROM scored')).toBe(2.5);
  expect(await ofValues('SELECT sum(value * coalesce(minutes, 1)) FROM scored')).toBe(132);
});
