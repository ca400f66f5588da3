// Drafted contracts: the file that a draft was made from passes it, whole, and the figures are those of the file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as understudy from '../../../src/index';
import { checkPartition } from '../../../src/data/check/check-partition';
import type { Engine } from '../../../src/data/engine';
import { draftText } from '../../../src/data/infer/draft';
import { inferTable, type InferRequest } from '../../../src/data/infer/infer';
import { splitRawFile } from '../../../src/data/read/split';
import { TablePlan, type FileSourcePlan } from '../../../src/domain/plan/plan';
import { newDir, workbench } from './tiny-model';

const FLIGHTS = join(__dirname, '../../../models/flight-delay/data');

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

function infer(path: string, more: Partial<InferRequest> = {}) {
  return inferTable(engine, { path, tempDir: newDir(dir), ...more });
}

function written(name: string, content: string | Buffer): string {
  const path = join(newDir(dir), name);
  writeFileSync(path, content);
  return path;
}

/** Splits and checks the whole file with a plan; at most `most` days. Gives accepted and quarantined rows. */
async function check(plan: TablePlan, most = 5) {
  const source = plan.source as FileSourcePlan;
  const files = [{ path: source.path, name: 'file' }];
  const days = await splitRawFile(engine, { files, source, outDir: newDir(dir), day: '2013-01-01' });
  let rows = 0;
  let quarantined = 0;
  for (const { day, path } of days.slice(0, most)) {
    const common = {
      table: 't',
      plan,
      partition: day,
      rawPath: path,
      fileName: 'file',
      recent: [],
      outDir: newDir(dir),
    };
    const result = await checkPartition(engine, common);
    if (result.verdict === 'rejected') throw new Error(result.message);
    rows += result.rows;
    quarantined += result.quarantinedRows;
  }
  return { days: days.length, rows, quarantined };
}

const ORDERS = [
  'Order-No,placed,total,paid,state,zip,note',
  '1,2013-01-01T10:00:00+01:00,12.50,true,open,02134,-',
  '2,2013-01-01T11:00:00Z,NA,false,open,99501,it\'s \\ "x"'.replace('it\'s \\ "x"', '"it\'s \\ ""x"""'),
  '3,2013-01-02T00:00:00Z,-3,true,sent,NA,*/ end',
  '4,2013-01-02T09:30:00Z,1e3,true,sent,10001,NA',
].join('\n');

describe('a drafted contract', () => {
  it('has the types, bounds, values, key and day of the file', async () => {
    const draft = await infer(written('Orders 2013.csv', ORDERS));
    expect(draft).toMatchObject({
      name: 'orders_2013',
      rows: 4,
      partial: false,
      key: { columns: ['Order-No'], repeated: 0 },
    });
    expect(draft.table).toMatchObject({
      source: { format: 'csv', nullText: 'NA', partitionBy: 'CAST(CAST("placed" AS TIMESTAMP) AS DATE)' },
      key: ['order-no'],
    });
    expect(draft.table.columns).toEqual({
      'order-no': { type: 'integer', sql: '"Order-No"', min: 1, max: 4 },
      placed: { type: 'timestamp' },
      total: { type: 'number', nullable: true, min: -3, max: 1000 },
      paid: { type: 'boolean' },
      state: { type: 'category', values: ['open', 'sent'] },
      zip: { type: 'string', nullable: true },
      note: { type: 'string', nullable: true },
    });
    expect(draft.columns[2]).toMatchObject({ rows: 4, nulls: 1, distinct: 3, mean: (12.5 - 3 + 1000) / 3 });
    expect(draft.columns[4]!.top).toEqual([
      { value: 'open', count: 2 },
      { value: 'sent', count: 2 },
    ]);
  });

  it('is TypeScript that gives the same plan, and accepts every row of its file', async () => {
    const draft = await infer(written('orders.csv', ORDERS));
    const text = draftText(draft);
    const body = text.replace(/^import .*\n/, '').replace(/export const \w+ =/, 'return');
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    const evaluated: unknown = new Function('csvTable', body)(understudy.csvTable);
    const plan = TablePlan.parse(evaluated);
    expect(plan).toEqual(TablePlan.parse(draft.table));
    expect(await check(plan)).toEqual({ days: 2, rows: 4, quarantined: 0 });
    expect(text).toContain('    // 4 rows, 0 missing, 2 distinct, open to sent, top open (2), sent (2)\n    state: ');
  });

  it.each([
    ['weather.csv.gz', ['origin', 'time_hour']],
    ['flights/flights-2013-02.csv.gz', null],
    ['planes.csv.gz', ['tailnum']],
  ])('of the flights’ own %s accepts it', async (name, key) => {
    const draft = await infer(join(FLIGHTS, name));
    expect(draft.key.repeated).toBe(0);
    if (key) expect(draft.key.columns).toEqual(key);
    expect(await check(TablePlan.parse(draft.table))).toMatchObject({ quarantined: 0 });
  });

  it('is made of JSON Lines and Parquet too', async () => {
    const lines = ['{"id":"a","at":"2013-01-01","n":1.50}', '{"id":"b","at":"2013-01-01","n":null,"late":7}'];
    const json = await infer(written('rows.jsonl.gz', gzipSync(lines.join('\n'))));
    expect(json.table.columns).toMatchObject({
      n: { type: 'number', nullable: true, min: 1.5 },
      late: { type: 'integer', nullable: true },
    });
    expect(draftText(json)).toMatch(/^import { jsonlTable } from 'understudy';/);
    expect(await check(TablePlan.parse(json.table))).toEqual({ days: 1, rows: 2, quarantined: 0 });

    const path = join(newDir(dir), 'rows.parquet');
    await engine.run(
      `COPY (SELECT i AS id, DATE '2013-01-01' AS day, i / 3.0 AS x, i % 2 = 0 AS even FROM range(100) r(i)) TO '${path}'`,
    );
    const parquet = await infer(path);
    expect(parquet.table.columns).toMatchObject({
      id: { type: 'integer' },
      day: { type: 'date' },
      x: { type: 'number' },
      even: { type: 'boolean' },
    });
    expect(await check(TablePlan.parse(parquet.table))).toEqual({ days: 1, rows: 100, quarantined: 0 });
  });

  it('says when it read only the first rows, and when no columns tell the rows apart', async () => {
    const draft = await infer(written('same.csv', `day,a\n${'2013-01-01,x\n'.repeat(20)}`), { maxRows: 10 });
    expect(draft).toMatchObject({ rows: 10, partial: true, key: { repeated: 9 } });
    expect(draftText(draft)).toContain('// Drafted from the first 10 rows of same.csv.');
    expect(draftText(draft)).toContain('// Not unique: 9 rows repeat a key');
  });

  it('is refused for a file without rows, and for a damaged one', async () => {
    await expect(infer(written('none.csv', 'day,a\n'))).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: 'none.csv: nothing to draft from (found: no row; allowed: a file with rows)',
    });
    await expect(infer(join(dir, 'gone.csv'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });
});
