// The business metric of a set of days: SQL over entities and predictions, on all rows and without each day.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../../src/data/engine';
import { metricByDay, type ScoredRows } from '../../../src/data/observe/business-metric';
import { copyToParquet } from '../../../src/data/sql-text';

let engine: Engine;
let folder: string;
const entityPaths = new Map<string, string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-metric-'));
  engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: folder });
  for (const [day, columns] of [
    ['1970-01-11', `'a' AS id, 10 AS price UNION ALL SELECT 'b', 20`],
    // A column more than the day before, and an entity that was not predicted.
    ['1970-01-12', `'a' AS id, 30 AS price, 'x' AS shop UNION ALL SELECT 'z', 99, 'y'`],
  ] as const) {
    const path = join(folder, `${day}.parquet`);
    await engine.run(copyToParquet(`SELECT ${columns}`, path));
    entityPaths.set(day, path);
  }
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const BINARY = { task: 'binary' } as const;
const rows: ScoredRows = {
  keys: ['a', 'b', 'a', 'gone'],
  days: [10, 10, 11, 11],
  predictions: [0.5, 0.25, 1, 1],
  labels: [1, 0, 1, 1],
};
const measured = (sql: string) =>
  metricByDay(engine, { part: 'metric m', sql, entityKey: 'id', target: BINARY, entityPaths, rows });

it('joins each row with the entity of its own day, and gives the number without each day', async () => {
  await expect(measured('SELECT sum(price * probability * label) FROM scored')).resolves.toEqual({
    value: 10 * 0.5 + 30 * 1,
    n: 3,
    withoutDay: [30, 5],
  });
  await expect(measured('SELECT avg(probability) FROM scored')).resolves.toMatchObject({ withoutDay: [1, 0.375] });
});

it('has no number where the SQL gives NULL, and none for a set without rows', async () => {
  await expect(measured(`SELECT sum(price) FROM scored WHERE shop = 'x'`)).resolves.toMatchObject({
    value: 30,
    withoutDay: [30, null],
  });
  const none = {
    part: 'm',
    sql: 'SELECT 1',
    entityKey: 'id',
    target: BINARY,
    entityPaths: new Map<string, string>(),
    rows,
  };
  await expect(metricByDay(engine, none)).resolves.toEqual({ value: null, n: 0, withoutDay: [] });
});

it('says which metric fails, and why', async () => {
  await expect(measured('SELECT prise FROM scored')).rejects.toMatchObject({
    code: 'MODEL_CODE_FAILED',
    message: expect.stringMatching(/^metric m: .*prise/) as string,
  });
  await expect(measured('SELECT price FROM scored')).rejects.toMatchObject({
    code: 'MODEL_CODE_FAILED',
    message: 'metric m: not one number (found: 3 rows with 3 values; allowed: one row with one number or NULL)',
  });
});
