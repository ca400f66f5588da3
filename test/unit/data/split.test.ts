// Splitting raw files by day: nothing lost, exact lines, and one sentence for each way in which a file can be damaged.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createEngine, type Engine } from '../../../src/data/engine';
import { resolveRawPath } from '../../../src/data/read/raw-path';
import { splitRawFile } from '../../../src/data/read/split';
import { newDir, sha256, workbench } from './tiny-model';

const SOURCE = { format: 'csv', path: '', nullText: 'NA', partitionBy: 'CAST(day AS DATE)' } as const;

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

async function split(content: string | Buffer, name = 'raw.csv', partitionBy: string = SOURCE.partitionBy) {
  const outDir = newDir(dir);
  writeFileSync(join(outDir, name), content);
  return splitRawFile(engine, {
    files: [{ path: join(outDir, name), name }],
    source: { ...SOURCE, partitionBy },
    outDir,
  });
}

describe('splitting a raw file', () => {
  it('does not blame the file when the engine is short of memory', async () => {
    const small = await createEngine({ threads: 1, memoryLimitMb: 2, tempDir: newDir(dir) });
    const outDir = newDir(dir);
    const path = join(outDir, 'raw.csv');
    writeFileSync(path, 'day,a\n2013-01-01,1\n');
    await expect(
      splitRawFile(small, { files: [{ path, name: 'raw.csv' }], source: SOURCE, outDir }),
    ).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(/^raw\.csv: the engine is short of memory/) as string,
    });
    small.close();
  });

  it('keeps every row as text, by day in day order, with its line number', async () => {
    const days = await split('day,a,b\n2013-01-02,1,NA\n2013-01-01,02,\n2013-01-02,x,y\n');
    expect(days.map(({ day, rows }) => ({ day, rows }))).toEqual([
      { day: '2013-01-01', rows: 1 },
      { day: '2013-01-02', rows: 2 },
    ]);
    expect(await engine.rows('SELECT * FROM read_parquet($1)', [days[1]!.path])).toEqual([
      { __line: 2, day: '2013-01-02', a: '1', b: null },
      { __line: 4, day: '2013-01-02', a: 'x', b: 'y' },
    ]);
    expect(await engine.rows('SELECT a, b FROM read_parquet($1)', [days[0]!.path])).toEqual([{ a: '02', b: '' }]);
  });

  it('counts quoted line breaks, blank lines and Windows line ends as the lines that they are', async () => {
    const [day] = await split('\uFEFFday,a\r\n2013-01-01,"x\ny ""z"""\r\n\r\n\r\n2013-01-01,1\r\n2013-01-01,2');
    const rows = await engine.rows('SELECT __line, a FROM read_parquet($1)', [day!.path]);
    expect(rows).toEqual([
      { __line: 2, a: 'x\ny "z"' },
      { __line: 6, a: '1' },
      { __line: 7, a: '2' },
    ]);
  });

  it('gives equal bytes for equal files, with any number of threads, and leaves no other files', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `2013-01-0${1 + (i % 5)},${i},${(i * 7919) % 101}`);
    const content = gzipSync(`day,a,b\n${lines.join('\n')}\n`);
    const first = await split(content, 'raw.csv.gz');
    const other = await workbench(2);
    const outDir = newDir(dir);
    writeFileSync(join(dir, 'same.csv.gz'), content);
    const second = await splitRawFile(other.engine, {
      files: [{ path: join(dir, 'same.csv.gz'), name: 'same.csv.gz' }],
      source: SOURCE,
      outDir,
    });
    other.close();
    expect(second.map((day) => sha256(day.path))).toEqual(first.map((day) => sha256(day.path)));
    expect(readdirSync(outDir)).toHaveLength(5);
  });

  it('gives no days for a file that has only a header', async () => {
    expect(await split('day,a\n')).toEqual([]);
    expect(await split(gzipSync('day,a'), 'raw.csv.gz')).toEqual([]);
  });
});

describe('a damaged raw file', () => {
  const cases: readonly [string, string | Buffer, string, string][] = [
    [
      'an empty file',
      '',
      'raw.csv',
      'raw.csv: the file is empty (found: no line; allowed: a header line and one line for each row)',
    ],
    [
      'an empty gzip file',
      Buffer.alloc(0),
      'raw.csv.gz',
      'raw.csv.gz: the gzip data are damaged or cut off after line 0 (found: unexpected end of file; allowed: one complete gzip file)',
    ],
    [
      'a file that is not gzip',
      'day,a\n',
      'raw.csv.gz',
      'raw.csv.gz: the gzip data are damaged or cut off after line 0 (found: incorrect header check; allowed: one complete gzip file)',
    ],
    [
      'too few fields',
      'day,a,b\n2013-01-01,1,2\n2013-01-01,1\n',
      'raw.csv',
      'raw.csv line 3: wrong number of fields (found: 2, in "2013-01-01,1"; allowed: 3)',
    ],
    [
      'too many fields',
      'day,a\n2013-01-01,1,2\n',
      'raw.csv',
      'raw.csv line 2: wrong number of fields (found: 3, in "2013-01-01,1,2"; allowed: 2)',
    ],
    [
      'an open quote',
      'day,a\n2013-01-01,1\n2013-01-01,"2\n2013-01-01,3\n',
      'raw.csv',
      'raw.csv line 3: a quote is not closed (found: "2013-01-01,"2"; allowed: pairs of ")',
    ],
    [
      'text that is not UTF-8',
      Buffer.concat([Buffer.from('day,a\n2013-01-01,'), Buffer.from([0xe9, 0x74, 10])]),
      'raw.csv',
      'raw.csv line 2: not UTF-8 (found: "2013-01-01,\\xE9t"; allowed: text in UTF-8)',
    ],
    [
      'a row without a day',
      'day,a\n2013-01-01,1\n2013-13-01,2\nNA,3\n',
      'raw.csv',
      'raw.csv line 3: no day for this row and 1 more (found: "2013-13-01,2"; allowed: rows for which CAST(day AS DATE) is a date)',
    ],
    [
      'a renamed column of the day',
      'date_day,a\n2013-01-01,1\n',
      'raw.csv',
      'raw.csv line 1: column "day" is missing (renamed to "date_day"?) (found: date_day, a; allowed: every column of the contract)',
    ],
    [
      'a column twice',
      'day,a,a\n2013-01-01,1,2\n',
      'raw.csv',
      'raw.csv line 1: the header is not usable (found: column "a" twice; allowed: distinct names)',
    ],
  ];
  it.each(cases)(
    '%s is refused with file, line, what was found and what is allowed',
    async (_case, content, name, message) => {
      await expect(split(content, name)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE', message });
    },
  );

  it('is refused when its gzip data are cut off, although they begin well', async () => {
    const whole = gzipSync(`day,a\n${'2013-01-01,1\n'.repeat(20_000)}`);
    const refusal = {
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(
        /^raw\.csv\.gz: .* cut off after line \d+ \(found: unexpected end of file; /,
      ) as unknown,
    };
    await expect(split(whole.subarray(0, whole.length - 20), 'raw.csv.gz')).rejects.toMatchObject(refusal);
    await expect(split(whole.subarray(0, whole.length - 4), 'raw.csv.gz')).rejects.toMatchObject(refusal);
  });

  it('that is not there is SOURCE_NOT_FOUND, and SQL that is no SQL is the model’s fault', async () => {
    const missing = splitRawFile(engine, {
      files: [{ path: join(dir, 'none.csv'), name: 'none.csv' }],
      source: SOURCE,
      outDir: dir,
    });
    await expect(missing).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: 'none.csv: there is no such file',
    });
    await expect(split('day,a\n2013-01-01,1\n', 'raw.csv', 'CAST(day AS')).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message: expect.stringMatching(/^source\.partitionBy \(CAST\(day AS\): Parser Error: /) as unknown,
    });
  });
});

describe('the path of a raw file', () => {
  it('has the day filled in, or is the same for all days', () => {
    expect(resolveRawPath('f/{yyyy}/{MM}/x-{yyyy}{MM}{dd}.csv', '2013-02-09')).toBe('f/2013/02/x-20130209.csv');
    expect(resolveRawPath('weather.csv.gz', '2013-02-09')).toBe('weather.csv.gz');
  });
});
