// Damaged and unusual files: each is read exactly, or refused with the very message that docs/damaged-input.md shows.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Engine } from '../../../src/data/engine';
import type { SourceFormat } from '../../../src/data/read/readable';
import { splitRawFile } from '../../../src/data/read/split';
import { READ, REFUSED } from './damaged-cases';
import { newDir, workbench } from './tiny-model';

const FIXTURES = join(__dirname, '../../fixtures/damaged');
const PAGE = readFileSync(join(__dirname, '../../../docs/damaged-input.md'), 'utf8');

let engine: Engine;
let dir: string;
let close: () => void;
beforeAll(async () => ({ engine, dir, close } = await workbench()));
afterAll(() => close());

function read(paths: readonly string[], source: Partial<SourceFormat> = {}, outDir = newDir(dir)) {
  const files = paths.map((path) => ({ path, name: basename(path) }));
  const settings = { nullText: '', partitionBy: 'CAST(day AS DATE)', ...source };
  return splitRawFile(engine, { files, source: settings, outDir });
}

function written(name: string, content: string | Buffer): string {
  const path = join(newDir(dir), name);
  writeFileSync(path, content);
  return path;
}

describe('an unusual file', () => {
  it.each(READ.map((each) => [each.name, each] as const))('with %s is read exactly', async (_name, each) => {
    const days = await read([join(FIXTURES, each.file)], each.source);
    const found = days[0] ? await engine.rows('SELECT * FROM read_parquet($1)', [days[0].path]) : [];
    expect(found.map((row) => Object.values(row))).toEqual(each.rows);
  });

  it('with a field of 20 MB is read exactly', async () => {
    const field = 'a"b,\n'.repeat(4_000_000);
    const path = written('raw.csv', `day,id,text\n2013-01-01,1,"${field.replaceAll('"', '""')}"\n2013-01-01,2,x\n`);
    const [day] = await read([path]);
    const rows = await engine.rows(
      'SELECT __line, id, length(text) AS n, md5(text) = md5($2) AS same FROM read_parquet($1)',
      [day!.path, field],
    );
    expect(rows).toEqual([
      { __line: 2, id: '1', n: field.length, same: true },
      { __line: 4_000_003, id: '2', n: 1, same: false },
    ]);
  });

  it('packed with zstd is read to its end', async () => {
    const days = await read([join(FIXTURES, 'whole.csv.zst')]);
    expect(days.map((day) => day.rows)).toEqual([2000]);
  });

  it('of types says which ones in the file’s metadata', async () => {
    const [day] = await read([join(FIXTURES, 'typed.parquet')], { format: 'parquet', partitionBy: 'day' });
    const [types] = await engine.rows(
      `SELECT decode(value) AS types FROM parquet_kv_metadata($1) WHERE decode(key) = 'source_types'`,
      [day!.path],
    );
    expect(JSON.parse(String(types!['types']))).toMatchObject({
      day: 'DATE',
      id: 'INTEGER',
      x: 'DOUBLE',
      l: 'BIGINT[]',
    });
  });
});

describe('a damaged file', () => {
  it.each(REFUSED.map((each) => [each.name, each] as const))(
    'with %s is refused in these words',
    async (_name, each) => {
      const outDir = newDir(dir);
      if (each.file === 'directory') mkdirSync(join(outDir, 'directory'));
      const path = join(each.file === 'directory' ? outDir : FIXTURES, each.file);
      const code = each.file === 'missing.csv' ? 'SOURCE_NOT_FOUND' : 'SOURCE_UNREADABLE';
      await expect(read([path], each.source, outDir)).rejects.toMatchObject({ code, message: each.message });
      expect(PAGE).toContain(`| ${each.name} | \`\` ${each.message} \`\` |`);
      expect(readdirSync(outDir).filter((name) => name !== 'directory')).toEqual([]);
    },
  );

  it('without permission is refused', async () => {
    const path = written('locked.csv', 'day,id\n2013-01-01,1\n');
    const outDir = newDir(dir);
    for (const open of [dir, join(path, '..'), outDir]) chmodSync(open, 0o777);
    chmodSync(path, 0);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65534);
    const refused = await read([path], {}, outDir).catch((error: unknown) => error);
    if (root) process.seteuid!(0);
    const message =
      'locked.csv: the file cannot be opened (found: no permission to read it; allowed: a file that the worker may read)';
    expect(refused).toMatchObject({ code: 'SOURCE_UNREADABLE', message });
    expect(PAGE).toContain(message);
  });

  it('with a row of more than 64 MB is refused before it fills the memory, an open quote by the line where it opens', async () => {
    const huge = Buffer.alloc(66 * 1024 * 1024, 'a\n');
    const plain = written(
      'raw.csv',
      Buffer.concat([Buffer.from('day,text\n2013-01-01,'), Buffer.alloc(huge.length, 'a')]),
    );
    const message =
      'raw.csv line 2: the record is too long (found: more than 67108864 bytes; allowed: at most 67108864 bytes)';
    await expect(read([plain])).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE', message });
    expect(PAGE).toContain(message);
    const open = written('raw.csv', Buffer.concat([Buffer.from('day,text\n2013-01-01,x\n2013-01-01,"b\n'), huge]));
    const quote = 'raw.csv line 3: a quote is not closed (found: "2013-01-01,"b"; allowed: pairs of ")';
    await expect(read([open])).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE', message: quote });
  });

  it('in a delivery of several files is named, also when only its columns differ', async () => {
    const folder = newDir(dir);
    const good = join(folder, 'a.csv');
    const other = join(folder, 'b.csv');
    writeFileSync(good, 'day,id,text\n2013-01-01,1,x\n');
    writeFileSync(other, 'day,id,texts\n2013-01-01,1,x\n');
    const message =
      'b.csv line 1: column "text" is missing (renamed to "texts"?) (found: day, id, texts; allowed: the columns of the other files of the delivery)';
    await expect(read([good, other])).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE', message });
    expect(PAGE).toContain(message);
    writeFileSync(other, 'text,day,id\ny,2013-01-01,2\n');
    const [day] = await read([good, other]);
    expect(await engine.rows('SELECT * FROM read_parquet($1)', [day!.path])).toEqual([
      { __line: 2, __file: 'a.csv', day: '2013-01-01', id: '1', text: 'x' },
      { __line: 2, __file: 'b.csv', day: '2013-01-01', id: '2', text: 'y' },
    ]);
  });
});
