// Labels of every task in the matrices: classes as their index, numbers as they are, their statistics in the signature, and what is no label refused.
import { join } from 'node:path';
import type { Engine } from '../../../src/data/engine';
import { buildMatrices, type Matrices, type MatrixRequest } from '../../../src/data/snapshot/matrix';
import { dayNumber } from '../../../src/domain/days';
import type { Task } from '../../../src/domain/evaluation/task';
import { newDir, workbench } from './tiny-model';

const DAYS = { train: ['2013-01-01', '2013-01-02'], holdout: ['2013-01-03'], truth: [] };
const ALL = [...DAYS.train, ...DAYS.holdout];
const CLASSES = ['late', 'on time', 'very late'];

let engine: Engine;
let dir: string;
let close: () => void;
let labels: string;
let views: string;

beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  const out = newDir(dir);
  [labels, views] = [join(out, 'labels.parquet'), join(out, 'view.parquet')];
  await engine.run(
    `COPY (SELECT 'p' || i AS id, CASE WHEN i < 9 THEN i - 2 END AS delay, i / 3 AS ratio, 'x' AS word FROM range(10) t(i)) TO '${labels}' (FORMAT parquet)`,
  );
  await engine.run(
    `COPY (SELECT 'p' || i AS id, i * 0.5 AS weight FROM range(10) t(i)) TO '${views}' (FORMAT parquet)`,
  );
});
afterAll(() => close());

function build(task: Task, sql: string, classes?: string[]): Promise<Matrices> {
  const request: MatrixRequest = {
    plan: {
      task,
      entity: { key: 'id' },
      label: { table: 'outcomes', sql, ...(classes ? { classes } : {}) },
      features: [{ name: 'plan', features: { weight: 'number' } }],
    },
    days: DAYS,
    featureFiles: {
      plan: Object.fromEntries(ALL.map((day, i) => [day, { path: `${views.slice(0, -8)}-${i}.parquet` }])),
    },
    labelPaths: Object.fromEntries(ALL.map((day, i) => [day, `${labels.slice(0, -8)}-${i}.parquet`])),
    outDir: newDir(dir),
  };
  return copies().then(() => buildMatrices(engine, request));
}

/** A file a day, of the same rows. */
async function copies(): Promise<void> {
  for (const [i, day] of ALL.entries()) {
    await engine.run(`COPY (FROM '${labels}') TO '${labels.slice(0, -8)}-${i}.parquet' (FORMAT parquet)`);
    await engine.run(
      `COPY (SELECT ${dayNumber(day)} AS __day, * FROM '${views}') TO '${views.slice(0, -8)}-${i}.parquet' (FORMAT parquet)`,
    );
  }
}

async function labelsOf({ train }: Matrices): Promise<unknown[]> {
  const rows = await engine.rows(`SELECT __label FROM '${train.path}' ORDER BY __day, __key LIMIT 10`);
  return rows.map((row) => row['__label']);
}

const BY_DELAY = "CASE WHEN delay < 2 THEN 'on time' WHEN delay < 5 THEN 'late' ELSE 'very late' END";

describe('labels', () => {
  it('of several classes are the index in the plan’s order, with the training rows’ shares in the signature', async () => {
    const built = await build('multiclass', `CASE WHEN delay IS NOT NULL THEN ${BY_DELAY} END`, CLASSES);
    expect(await labelsOf(built)).toEqual([1, 1, 1, 1, 0, 0, 0, 2, 2, 1]);
    expect(built.signature).toEqual({
      columns: [{ kind: 'number', name: 'weight' }],
      task: 'multiclass',
      classes: CLASSES,
      labels: { shares: [3 / 9, 4 / 9, 2 / 9] },
    });
    expect(built.baseRate).toBeNull();
  });

  it('of a regression are the numbers as float32, with mean and variance in the signature', async () => {
    const built = await build('regression', 'delay * 0.1');
    expect(await labelsOf(built)).toEqual([-2, -1, 0, 1, 2, 3, 4, 5, 6, -2].map((value) => Math.fround(value * 0.1)));
    expect(built.signature).toMatchObject({ task: 'regression' });
    const { labels: found } = built.signature as { labels: { mean: number; variance: number } };
    expect(found.mean).toBeCloseTo(0.2, 6);
    expect(found.variance).toBeCloseTo(0.0666667, 6);
    expect(built.signature).not.toHaveProperty('classes');
  });

  it('leave a binary signature as it always was', async () => {
    const built = await build('binary', 'delay >= 2');
    expect(Object.keys(built.signature)).toEqual(['columns']);
    expect(built.baseRate).toBe(5 / 9);
  });

  it('that are none are refused with the values, the rows and what is allowed', async () => {
    await expect(build('multiclass', BY_DELAY, ['late', 'on time', 'early'])).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message: `label.sql (${BY_DELAY}): found 'very late' in 9 rows, allowed is one of the classes late, on time, early, or NULL for no label`,
    });
    await expect(build('regression', "CASE WHEN delay = 3 THEN 'nan'::DOUBLE ELSE delay END")).rejects.toThrow(
      /found 'nan' in 3 rows, allowed is a finite number/,
    );
    await expect(build('regression', 'delay * 1e40')).rejects.toThrow(/in 24 rows, allowed is a finite number within/);
    await expect(build('regression', 'word')).rejects.toThrow(/found 'x' in 30 rows/);
    await expect(build('regression', 'no_column')).rejects.toThrow(/label.sql \(no_column\): Binder Error/);
  });

  it('have the same statistics with any number of threads', async () => {
    const one = await build('regression', 'ratio');
    const two = await build('regression', 'ratio');
    expect(two.signature).toEqual(one.signature);
  });
});
