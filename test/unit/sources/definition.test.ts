// Sources in definitions: what the builders make of their options, and what is told about sources that contradict themselves.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as builders from '../../../src/definition/builders';
import { loadDefinition } from '../../../src/definition/catalog';
import { defineModel } from '../../../src/definition/define-model';
import { modelInput } from '../definition/example';
import { failureOf } from './failing';

type Table = ReturnType<typeof builders.csvTable>;
const CONTRACT: builders.TableContract = {
  availableAt: 'D 00:00',
  key: ['id'],
  columns: { id: { type: 'string' }, delay: { type: 'number', nullable: true } },
};

/** The plan's source of a table that takes the place of the example's outcomes. */
function sourceOf(table: Table): unknown {
  const { tables } = modelInput();
  return defineModel(modelInput({ tables: { ...tables, outcomes: table } })).plan.tables['outcomes']!.source;
}
const problemsOf = async (table: Table): Promise<string> => failureOf(() => Promise.resolve(sourceOf(table)));

const FILE_DEFAULTS = { compression: 'auto', encoding: 'utf-8', nullText: '' };

it.each<[string, Table, unknown]>([
  [
    'csv',
    builders.csvTable({ ...CONTRACT, path: 'a{yyyy}{MM}{dd}.csv', nullText: 'NA', delimiter: ';' }),
    { ...FILE_DEFAULTS, format: 'csv', path: 'a{yyyy}{MM}{dd}.csv', nullText: 'NA', delimiter: ';' },
  ],
  [
    'tsv',
    builders.tsvTable({ ...CONTRACT, path: 'a.tsv', partitionBy: 'day', encoding: 'latin-1' }),
    { ...FILE_DEFAULTS, format: 'tsv', path: 'a.tsv', partitionBy: 'day', encoding: 'latin-1' },
  ],
  [
    'jsonl',
    builders.jsonlTable({ ...CONTRACT, path: 's3://b/{yyyy}{MM}{dd}*', compression: 'zstd' }),
    { ...FILE_DEFAULTS, format: 'jsonl', path: 's3://b/{yyyy}{MM}{dd}*', compression: 'zstd' },
  ],
  [
    'parquet',
    builders.parquetTable({ ...CONTRACT, path: 'https://h/a.parquet', partitionBy: 'day' }),
    { ...FILE_DEFAULTS, format: 'parquet', path: 'https://h/a.parquet', partitionBy: 'day' },
  ],
  [
    'postgres',
    builders.postgresTable({ ...CONTRACT, connection: 'SOURCE_SHOP', query: 'select 1' }),
    { format: 'postgres', connection: 'SOURCE_SHOP', query: 'select 1', chunkRows: 10_000, statementTimeout: '60 s' },
  ],
  [
    'push',
    builders.pushTable({ ...CONTRACT, eventTime: 'at' }),
    { format: 'push', eventTime: 'at', microBatch: '10 s' },
  ],
  ['hook', builders.hookTable({ ...CONTRACT, module: 'hooks/a.ts' }), { format: 'hook', module: 'hooks/a.ts' }],
])('the builder of %s fills in the source and its defaults', (_, table, source) => {
  expect(sourceOf(table)).toEqual(source);
});

const csv = (path: string, options: Partial<builders.CsvTableOptions> = {}): Table =>
  builders.csvTable({ ...CONTRACT, path, ...options });
const byDay = { partitionBy: 'day' };

it.each<[string, Table, string]>([
  [
    'no day',
    csv('a-{yyyy}.csv'),
    'source.path: found no partitionBy, and no {MM}, {dd} in "a-{yyyy}.csv", allowed is {yyyy}, {MM}, {dd} in the path (a file for each day), or partitionBy',
  ],
  ['an unknown placeholder', csv('{year}.csv', byDay), 'source.path: found {year}, allowed is {yyyy}, {MM}, {dd}'],
  [
    'an unencrypted address',
    csv('http://host.example/a.csv', byDay),
    'source.path: found http://, allowed is https://',
  ],
  [
    'an unknown scheme',
    csv('ftp://host/a.csv', byDay),
    'source.path: found ftp://, allowed is a path, file:///path, s3://bucket/key, or https://…',
  ],
  ['a bucket without a key', csv('s3://bucket', byDay), 'source.path: found "s3://bucket", allowed is s3://bucket/key'],
  ['a glob on a web server', csv('https://host/*.csv', byDay), 'source.path: found * in an address of a web server'],
  ['a double star', csv('a/**/b.csv', byDay), 'source.path: found **, allowed is * within one part of the path or key'],
  [
    'a quote as delimiter',
    csv('a.csv', { ...byDay, delimiter: '"' }),
    'source.delimiter: found "\\"", allowed is one character',
  ],
  [
    'packed Parquet',
    { ...CONTRACT, source: { format: 'parquet', path: 'a', compression: 'gzip', ...byDay } },
    'source.compression: found "gzip", allowed is none',
  ],
  [
    'a delimiter of JSON Lines',
    { ...CONTRACT, source: { format: 'jsonl', path: 'a', delimiter: ';', ...byDay } },
    'source.delimiter: found a delimiter of jsonl',
  ],
  [
    'an address in a definition',
    builders.postgresTable({ ...CONTRACT, connection: 'postgres://h/d', query: 'select 1' }),
    'source.connection: found "postgres://h/d", allowed is the name of a variable such as SOURCE_ORDERS',
  ],
  [
    'several statements',
    builders.postgresTable({ ...CONTRACT, connection: 'SOURCE_A', query: "select ';'; select 2" }),
    'source.query: found several statements, allowed is one SELECT',
  ],
  [
    'a hook elsewhere',
    builders.hookTable({ ...CONTRACT, module: '../other/a.ts' }),
    'source.module: found "../other/a.ts", allowed is a .ts or .js file in the model\'s folder',
  ],
  ['a hook that is no code', builders.hookTable({ ...CONTRACT, module: 'a.sql' }), 'source.module: found "a.sql"'],
])('%s is told', async (_, table, message) => {
  expect(await problemsOf(table)).toContain(`models/late/model.ts: tables.outcomes.${message}`);
});

it('takes http:// of this machine, and one statement with its semicolon', () => {
  expect(() => sourceOf(csv('http://127.0.0.1:80/a.csv', byDay))).not.toThrow();
  const query = "select ';' as id;\n";
  expect(() => sourceOf(builders.postgresTable({ ...CONTRACT, connection: 'SOURCE_A', query }))).not.toThrow();
});

it('tells of a hook that is no file when the definition is loaded', async () => {
  const modelsDir = mkdtempSync(join(tmpdir(), 'understudy-hooks-'));
  try {
    mkdirSync(join(modelsDir, 'late', 'hooks'), { recursive: true });
    const { tables } = modelInput();
    const outcomes = builders.hookTable({ ...CONTRACT, module: 'hooks/rows.ts' });
    const { plan } = defineModel(modelInput({ tables: { ...tables, outcomes } }));
    writeFileSync(join(modelsDir, 'late', 'model.ts'), `export default ${JSON.stringify({ plan })};`);
    expect(await failureOf(() => Promise.resolve(loadDefinition(modelsDir, 'late')))).toContain(
      'tables.outcomes.source.module: found "hooks/rows.ts", which is no file there, allowed is a TypeScript or JavaScript file in ',
    );
    writeFileSync(join(modelsDir, 'late', 'hooks', 'rows.ts'), 'export default async function* () {}');
    expect(loadDefinition(modelsDir, 'late').plan.name).toBe('late');
  } finally {
    rmSync(modelsDir, { recursive: true, force: true });
  }
});
