// Columns of the entity table beside judged rows: by day and key, missing where there is nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../src/data/engine';
import { entityColumns } from '../../../src/data/observe/entity-columns';
import { copyToParquet } from '../../../src/data/sql-text';
import { evaluationProblems } from '../../../src/definition/checks/evaluation-checks';
import tiny from '../../models/tiny/model';

it('gives each row the value of its own day and key, as text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-columns-'));
  const engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: folder });
  try {
    const first = join(folder, 'first.parquet');
    const second = join(folder, 'second.parquet');
    await engine.run(
      copyToParquet(`SELECT 'a' AS id, 'x' AS shop, true AS old UNION ALL SELECT 'b', NULL, false`, first),
    );
    await engine.run(copyToParquet(`SELECT 'a' AS id, 'y' AS shop`, second));
    const columns = await entityColumns(engine, {
      paths: new Map([
        ['1970-01-11', first],
        ['1970-01-12', second],
      ]),
      entityKey: 'id',
      names: ['shop', 'old'],
      rows: { keys: ['a', 'a', 'gone', 'b', 'a'], days: [11, 10, 10, 10, 12] },
    });
    expect(columns.get('shop')).toEqual(['y', 'x', null, null, null]);
    // The second day has no such column.
    expect(columns.get('old')).toEqual([null, 'true', null, 'false', null]);
  } finally {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('may be named by slices and fairness when they are texts, categories or booleans of the entity table and no features', () => {
  const [order, past] = tiny.plan.features;
  const features = [{ ...order!, features: { x1: 'number', x2: 'number' } as const }, past!];
  const found = (slices: string[]) =>
    evaluationProblems({ ...tiny.plan, features, evaluation: { ...tiny.plan.evaluation, slices } });
  expect(found(['kind'])).toEqual([]);
  expect(found(['leaves_at'])).toEqual([
    {
      path: 'evaluation.slices[0]',
      found: '"leaves_at", which is neither',
      allowed: 'a feature that is a category, or a text, category or boolean of the entity table: kind',
    },
  ]);
  expect(found(['id'])).toHaveLength(1);
});
