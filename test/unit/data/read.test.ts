// Reading deliveries: large ones through the disk, reports of progress, and cancellation at any moment.
import { createReadStream, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Engine } from '../../../src/data/engine';
import { jsonMembers } from '../../../src/data/read/text/json-members';
import { numberCsv } from '../../../src/data/read/text/csv-text';
import { splitRawFile, type SplitRequest } from '../../../src/data/read/split';
import { newDir, sha256, workbench } from './tiny-model';

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

function written(name: string, content: string | Buffer): string {
  const path = join(newDir(dir), name);
  writeFileSync(path, content);
  return path;
}

function request(path: string, more: Partial<SplitRequest> = {}): SplitRequest {
  const source = { nullText: '', partitionBy: 'CAST(day AS DATE)' };
  return { files: [{ path, name: 'raw.csv.gz' }], source, outDir: newDir(dir), ...more };
}

/** Rows of `days` days; with a text of 1 KB, 70,000 of them go through the disk. */
function rows(count: number, days: number, text: string): string {
  const lines = ['day,id,text'];
  for (let i = 0; i < count; i++) lines.push(`2013-01-0${1 + ((i * 7919) % days)},${i},${text}`);
  return `${lines.join('\n')}\n`;
}

describe('a large delivery', () => {
  it('whose rows are in no order gives the rows of each day in file order, and equal bytes with any number of threads', async () => {
    const path = written('raw.csv.gz', gzipSync(rows(70_000, 3, 'x'.repeat(1000)), { level: 1 }));
    const first = await splitRawFile(engine, request(path));
    expect(first.map(({ day, rows: count }) => [day, count])).toEqual([
      ['2013-01-01', 23_334],
      ['2013-01-02', 23_333],
      ['2013-01-03', 23_333],
    ]);
    for (const day of first) {
      const [found] = await engine.rows(
        `SELECT count(*) AS n, bool_and(__line = CAST(id AS BIGINT) + 2 AND day = $2) AS right, bool_or(__line < before) AS mixed
         FROM (SELECT *, lag(__line) OVER () AS before FROM read_parquet($1))`,
        [day.path, day.day],
      );
      expect(found).toEqual({ n: day.rows, right: true, mixed: false });
    }
    const other = await workbench(2);
    const second = await splitRawFile(other.engine, request(path));
    other.close();
    expect(second.map((day) => sha256(day.path))).toEqual(first.map((day) => sha256(day.path)));
  });

  it('of one day needs no partitionBy, and says how many rows it has read', async () => {
    const path = written('raw.csv.gz', gzipSync(rows(250_000, 1, 'x')));
    const seen: number[] = [];
    const days = await splitRawFile(
      engine,
      request(path, { source: { nullText: '' }, day: '2013-01-01', onProgress: (count) => seen.push(count) }),
    );
    expect(days.map(({ day, rows: count }) => [day, count])).toEqual([['2013-01-01', 250_000]]);
    // On a busy machine it may tell before the first row is read.
    expect([...new Set(seen)].filter((count) => count > 0)).toEqual([100_000, 200_000, 250_000]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it.each([
    ['while the text is read', 100_000],
    ['while DuckDB works', 300_000],
  ])('is given up %s when the signal aborts, and leaves nothing', async (_when, atRows) => {
    const path = written('raw.csv.gz', gzipSync(rows(300_000, 3, 'x'.repeat(300)), { level: 1 }));
    const stop = new AbortController();
    const outDir = newDir(dir);
    const onProgress = (count: number): void => {
      if (count >= atRows) stop.abort(new Error('no longer wanted'));
    };
    const given = splitRawFile(engine, request(path, { outDir, onProgress, signal: stop.signal }));
    await expect(given).rejects.toThrow('no longer wanted');
    expect(readdirSync(outDir).filter((name) => name.startsWith('unpack'))).toEqual([]);
    // The engine is as good as new.
    expect(await engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('the reader of CSV', () => {
  it('understands a text in the same way wherever it is cut into pieces', async () => {
    const text = 'day,"a ""x""",b\r\n\r\n2013-01-01,"1\r\n""2"",",é\n2013-01-02,,"x"\r\n';
    const name = 'raw.csv';
    const whole = join(newDir(dir), 'whole.csv');
    const asOne = await numberCsv(createReadStream(written(name, text)), whole, ',', { lines: 0 }, { name });
    expect(asOne).toMatchObject({ columns: ['day', 'a "x"', 'b'], rows: 2 });
    const bytes = Buffer.from(text);
    for (let size = 1; size < 8; size++) {
      const pieces = async function* () {
        for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
      };
      const path = join(newDir(dir), 'pieces.csv');
      expect({ ...(await numberCsv(pieces(), path, ',', { lines: 0 }, { name })), path: '' }).toEqual({
        ...asOne,
        path: '',
      });
      expect(sha256(path)).toBe(sha256(whole));
    }
  });

  it('refuses a delimiter that cannot be one as a mistake of the definition', async () => {
    const path = written('raw.csv', 'day\n');
    await expect(
      splitRawFile(engine, request(path, { source: { nullText: '', delimiter: '"' }, day: '2013-01-01' })),
    ).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
      message: 'source.delimiter: not usable (found: "\\""; allowed: one printable ASCII character or a tab, no quote)',
    });
  });
});

describe('the members of a JSON object', () => {
  it('keep the exact text of numbers and nested values', () => {
    expect(
      jsonMembers(' {"a" : 1.50e3 ,"b":{"c":[1,"}"]}, "d\\n":"x\\"y", "e":null,"f":[] , "":true }'.trim()),
    ).toEqual([
      ['a', '1.50e3'],
      ['b', '{"c":[1,"}"]}'],
      ['d\n', 'x"y'],
      ['e', null],
      ['f', '[]'],
      ['', 'true'],
    ]);
    expect(jsonMembers('{}')).toEqual([]);
    expect([jsonMembers('[1]'), jsonMembers('{"a":}'), jsonMembers('1')]).toEqual([null, null, null]);
  });
});
