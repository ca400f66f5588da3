// Deliveries of files and hooks through the real finder: digests of days, one split per revision, announced files, cancellation.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { SourceProgress } from '../../../src/activities/deliveries/deliveries';
import { csvTable, hookTable, jsonlTable } from '../../../src/definition/builders';
import { startWebServer, type WebServer } from '../../setup/web-server';
import { failureOf } from '../../unit/sources/failing';
import { CONTRACT, createWorkbench, planOf, type Workbench } from './workbench';

let bench: Workbench;
let web: WebServer;
beforeAll(async () => {
  [bench, web] = await Promise.all([createWorkbench(), startWebServer()]);
});
afterAll(async () => {
  await web.close();
  await bench.close();
});

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

describe('a file of many days', () => {
  const plan = planOf(csvTable({ ...CONTRACT, path: 'many.csv', partitionBy: 'CAST(day AS DATE)' }));
  const read: SourceProgress[] = [];
  const find = (day: string, finder = bench.finder) =>
    finder.find(plan, 'rows', day, undefined, undefined, { onProgress: (progress) => void read.push(progress) });

  it('is read and split once per revision, by this process and by another one', async () => {
    bench.write('many.csv', 'id,day\na,2013-03-01\nb,2013-03-02\nc,2013-03-01\n');
    const first = await find('2013-03-01');
    expect(await bench.rowsOf(first)).toEqual([
      { __line: 2, id: 'a', day: '2013-03-01' },
      { __line: 4, id: 'c', day: '2013-03-01' },
    ]);
    expect(read.some(({ rows }) => rows !== undefined)).toBe(true);
    read.length = 0;
    expect((await find('2013-03-02')).raw?.rows).toBe(1);
    expect((await find('2013-03-03')).raw).toBeNull();
    expect(read).toEqual([]);
    // Another process has to look at the bytes, but not to split them.
    expect((await find('2013-03-01', bench.newFinder())).raw).toEqual(first.raw);
    expect(read.map(({ rows }) => rows)).toEqual([undefined]);
  });

  it('that has changed gives other digests for the days that have changed, and no others', async () => {
    const before = { first: await find('2013-03-01'), second: await find('2013-03-02') };
    bench.write('many.csv', 'id,day\na,2013-03-01\nx,2013-03-02\nc,2013-03-01\n');
    expect((await find('2013-03-01')).raw?.sha256).toBe(before.first.raw?.sha256);
    expect((await find('2013-03-02')).raw?.sha256).not.toBe(before.second.raw?.sha256);
  });

  it('is split once when all of its days are asked for at once', async () => {
    bench.write('many.csv', `id,day\n${Array.from({ length: 20 }, (_, at) => `${at},2013-03-${10 + at}\n`).join('')}`);
    read.length = 0;
    const found = await Promise.all(Array.from({ length: 20 }, (_, at) => find(`2013-03-${10 + at}`)));
    expect(found.map(({ raw }) => raw?.rows)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(new Set(read.filter(({ bytes }) => bytes !== undefined).map(({ bytes }) => bytes)).size).toBe(1);
    expect(read.filter(({ bytes }) => bytes !== undefined)).toHaveLength(1);
  });
});

describe('a file that is written while it is read', () => {
  const plan = planOf(csvTable({ ...CONTRACT, path: 'growing.csv', partitionBy: 'CAST(day AS DATE)' }));

  it('is not taken for what it was, and is found when it is complete', async () => {
    bench.write('growing.csv', 'id,day\na,2013-03-01\n');
    let grown = false;
    const onProgress = ({ rows }: SourceProgress): void => {
      if (rows === undefined || grown) return;
      grown = true;
      bench.write('growing.csv', 'id,day\na,2013-03-01\nb,2013-03-01\n');
    };
    const find = () => bench.finder.find(plan, 'rows', '2013-03-01', undefined, undefined, { onProgress });
    expect(await failureOf(find())).toMatch(
      /^SOURCE_UNAVAILABLE: growing\.csv: the file changed while it was read \(found: sha256 \w+, then \w+; allowed: a file that is complete\)$/,
    );
    expect((await find()).raw?.rows).toBe(2);
  });
});

describe('a file for each day', () => {
  const plan = planOf(jsonlTable({ ...CONTRACT, path: 'days/{yyyy}/{MM}-{dd}.jsonl.gz' }));

  it('gives its rows to the day in its path', async () => {
    bench.write('days/2013/03-01.jsonl.gz', gzipSync('{"id":"a","n":1.50}\n{"id":"b","n":null}\n'));
    const found = await bench.finder.find(plan, 'rows', '2013-03-01');
    expect(found.fileName).toBe('days/2013/03-01.jsonl.gz');
    expect(await bench.rowsOf(found)).toEqual([
      { __line: 1, id: 'a', n: '1.50' },
      { __line: 2, id: 'b', n: null },
    ]);
  });

  it('that is not there is not found, and is once it has come', async () => {
    expect(await failureOf(bench.finder.find(plan, 'rows', '2013-03-02'))).toBe(
      'SOURCE_NOT_FOUND: days/2013/03-02.jsonl.gz: there is no such file',
    );
    bench.write('days/2013/03-02.jsonl.gz', gzipSync('{"id":"a"}'));
    expect((await bench.finder.find(plan, 'rows', '2013-03-02')).raw?.rows).toBe(1);
  });

  it('with the same bytes for another day gives that day its own rows', async () => {
    bench.write('days/2013/03-03.jsonl.gz', gzipSync('{"id":"a"}'));
    expect((await bench.finder.find(plan, 'rows', '2013-03-03')).raw?.rows).toBe(1);
  });
});

describe('several files of a day', () => {
  const plan = planOf(csvTable({ ...CONTRACT, path: 'parts/{yyyy}-{MM}-{dd}/*.csv' }));

  it('are one delivery, whose rows know their file', async () => {
    bench.write('parts/2013-03-01/b.csv', 'id\nb\n');
    bench.write('parts/2013-03-01/a.csv', 'id\na\n');
    const found = await bench.finder.find(plan, 'rows', '2013-03-01');
    expect(found.fileName).toBe('parts/2013-03-01/*.csv');
    expect(await bench.rowsOf(found)).toEqual([
      { __line: 2, __file: 'parts/2013-03-01/a.csv', id: 'a' },
      { __line: 2, __file: 'parts/2013-03-01/b.csv', id: 'b' },
    ]);
  });

  it('are another delivery when a file comes or changes', async () => {
    const digest = async () => (await bench.finder.find(plan, 'rows', '2013-03-01')).raw?.sha256;
    const seen = [await digest()];
    bench.write('parts/2013-03-01/c.csv', 'id\nc\n');
    seen.push(await digest());
    bench.write('parts/2013-03-01/c.csv', 'id\nother\n');
    seen.push(await digest());
    expect(new Set(seen).size).toBe(3);
  });

  it('are announced by the digest that sha256sum gives for their list', async () => {
    const list = ['a', 'b'].map((name) => `${sha256(`id\n${name}\n`)}  ${name}.csv\n`).join('');
    bench.write('other/a.csv', 'id\na\n');
    bench.write('other/b.csv', 'id\nb\n');
    const found = await bench.finder.find(plan, 'rows', '2013-03-05', 'other/*.csv', sha256(list));
    expect(found.raw?.rows).toBe(2);
  });
});

describe('an announced file', () => {
  const plan = planOf(csvTable({ ...CONTRACT, path: 'none/{yyyy}{MM}{dd}.csv' }));
  const content = 'id\na\n';

  it('of a web server takes the place of the path, and is fetched once', async () => {
    web.on('/late.csv', (request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"1"' }).end(content);
    });
    const find = (day: string) => bench.finder.find(plan, 'rows', day, `${web.url}/late.csv`, sha256(content));
    const found = await find('2013-03-01');
    expect([found.fileName, found.raw?.rows]).toEqual([`${web.url}/late.csv`, 1]);
    expect((await find('2013-03-01')).raw).toEqual(found.raw);
    // Another day of a file without partitionBy is another split, for which the bytes are needed again.
    expect((await find('2013-03-02')).raw?.rows).toBe(1);
    const conditional = web.requests.map(({ headers }) => headers['if-none-match'] ?? null);
    expect(conditional).toEqual([null, '"1"', '"1"', null]);
  });

  it('with another digest than announced is refused', async () => {
    bench.write('wrong.csv', content);
    expect(await failureOf(bench.finder.find(plan, 'rows', '2013-03-01', 'wrong.csv', sha256('other')))).toBe(
      `SOURCE_UNREADABLE: wrong.csv: announced with sha256 ${sha256('other')}, found ${sha256(content)}`,
    );
  });
});

describe('a hook', () => {
  const plan = planOf(hookTable({ ...CONTRACT, module: 'hooks/rows.ts' }));
  const find = (day: string, signal?: AbortSignal) =>
    bench.finder.find(plan, 'rows', day, undefined, undefined, signal ? { signal } : {});
  beforeAll(() => {
    bench.write(
      'hooks/rows.ts',
      `export default async function* ({ partition, from, to, signal }: any) {
        if (partition === '2013-03-02') return;
        if (partition === '2013-03-03') throw new Error('the station is silent');
        if (partition === '2013-03-04') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
        yield { id: 'a', from, to, n: 1.5 };
        yield { id: 'b', from, to, n: null };
      }`,
    );
  });

  it('gives rows, with the bounds of the local day also where the clock changes', async () => {
    const found = await find('2013-03-10');
    const bounds = { from: '2013-03-10T05:00:00.000Z', to: '2013-03-11T04:00:00.000Z' };
    expect(await bench.rowsOf(found)).toEqual([
      { __line: 1, id: 'a', ...bounds, n: '1.5' },
      { __line: 2, id: 'b', ...bounds, n: null },
    ]);
    expect((await find('2013-03-10')).raw).toEqual(found.raw);
  });

  it('that gives no row has none for the day', async () => {
    expect(await find('2013-03-02')).toEqual({ raw: null, fileName: 'hooks/rows.ts' });
  });

  it('that fails is told by its name and its own words', async () => {
    expect(await failureOf(find('2013-03-03'))).toBe(
      'MODEL_CODE_FAILED: hooks/rows.ts: the hook failed after row 0: the station is silent',
    );
  });

  it('ends when nobody waits any more', async () => {
    const cancel = new AbortController();
    const waiting = failureOf(find('2013-03-04', cancel.signal));
    cancel.abort(new Error('enough'));
    expect(await waiting).toBe('no code: enough');
  });

  it('takes no announced file', async () => {
    expect(await failureOf(bench.finder.find(plan, 'rows', '2013-03-01', 'a.csv'))).toBe(
      'SOURCE_UNREADABLE: rows: a file was announced for a table that is not read from files (found: a.csv; allowed: no uri, because its source is hook)',
    );
  });

  it('whose module throws while it is loaded is told as such', async () => {
    bench.write('hooks/broken.ts', `throw new Error('no key');`);
    const broken = planOf(hookTable({ ...CONTRACT, module: 'hooks/broken.ts' }));
    expect(await failureOf(bench.finder.find(broken, 'rows', '2013-03-01'))).toBe(
      'MODEL_CODE_FAILED: hooks/broken.ts: the hook cannot be loaded: no key',
    );
  });
});
