// All rows that were set aside, as a file: the delivered values with day and rule, through the command that a person types.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createArtifactReports } from '../../../src/activities/artifact-reports';
import { createIngestActivities } from '../../../src/activities/ingest/ingest';
import { planDigest } from '../../../src/definition/digest';
import { csvTable } from '../../../src/definition/builders';
import { runCommand } from '../../setup/command-line';
import { createWorkbench, planOf, type Workbench } from './workbench';

const folder = mkdtempSync(join(tmpdir(), 'understudy-quarantine-'));
let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
  const table = csvTable({
    path: '{yyyy}-{MM}-{dd}.csv',
    availableAt: 'D 00:00',
    key: ['id'],
    columns: { id: { type: 'string' }, stars: { type: 'integer', min: 1, max: 5 } },
    partitionRules: { maxQuarantineShare: 0.9 },
  });
  const plan = planOf(table);
  const definitionDigest = planDigest(plan);
  await bench.stores.definitions.save(definitionDigest, plan, 'test');
  await bench.stores.definitions.setCurrent('late', 'simulated', definitionDigest);
  bench.write('2013-03-10.csv', 'id,stars,note\na,4,\nb,9,"odd, ""very"""\nc,four,\nd,1,ok\na,2,again\n');
  bench.write('2013-03-11.csv', 'id,stars\ne,0\nf,3\n');
  const partitions = ['2013-03-10', '2013-03-11'].map((partition) => ({ table: 'rows', partition }));
  const { ingestMissing } = createIngestActivities(bench.dependencies);
  const input = { model: 'late', definitionDigest, asOf: '2013-03-20T00:00:00Z', partitions };
  const activity = () => ingestMissing(input);
  type Results = Awaited<ReturnType<typeof activity>>;
  const results = await new MockActivityEnvironment().run<[], Results, typeof activity>(activity);
  expect(results.map(({ outcome, quarantinedRows }) => [outcome, quarantinedRows])).toEqual([
    ['accepted', 3],
    ['accepted', 1],
  ]);
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const show = (out: string, ...more: readonly string[]): Promise<string> => {
  const reports = createArtifactReports({ ...bench.dependencies, tempDir: folder });
  const args = ['quarantine', 'show', 'late', '--out', join(folder, out), ...more];
  return runCommand({ stores: bench.stores } as Parameters<typeof runCommand>[0], args, {
    artifactReports: () => Promise.resolve(reports),
  });
};
const written = (out: string): string => readFileSync(join(folder, out), 'utf8');

it('writes every row as it was delivered, the newest day first, with its rule and its line', async () => {
  expect(await show('bad.csv', '--table', 'rows')).toBe(
    `4 rows of rows of 2 days in ${join(folder, 'bad.csv')}, under: key, stars_range, stars_type.\n`,
  );
  expect(written('bad.csv').split('\n')).toEqual([
    'partition,rule,source_line,id,stars,note',
    '2013-03-11,stars_range,2,e,0,',
    '2013-03-10,stars_range,3,b,9,"odd, ""very"""',
    '2013-03-10,stars_type,4,c,four,',
    '2013-03-10,key,6,a,2,again',
    '',
  ]);
});

it('writes the rows of one day and rule as JSON lines, and no more than asked for', async () => {
  await show('some.jsonl', '--table', 'rows', '--partition', '2013-03-10', '--rule', 'stars_range');
  expect(
    written('some.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { partition: '2013-03-10', rule: 'stars_range', source_line: 3, id: 'b', stars: '9', note: 'odd, "very"' },
  ]);
  await show('two.jsonl', '--table', 'rows', '--limit', '2');
  expect(written('two.jsonl').trim().split('\n')).toHaveLength(2);
});

it('writes Parquet that gives the same rows, and leaves no other file behind', async () => {
  await show('bad.parquet', '--table', 'rows');
  const sql = `SELECT partition, rule, id FROM read_parquet('${join(folder, 'bad.parquet')}')`;
  expect(await bench.dependencies.engine.rows(sql)).toHaveLength(4);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

it.each([
  [['bad.xlsx', '--table', 'rows'], 'allowed is a name with .csv, .jsonl or .parquet'],
  [['bad.csv'], '--table is missing'],
  [['none.csv', '--table', 'rows', '--rule', 'other'], 'nothing of that is in the quarantine of "late"'],
])('refuses %j', async ([out, ...more], message) => {
  await expect(show(out!, ...more)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(message) as string,
  });
});
