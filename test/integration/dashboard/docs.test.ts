// `docs` on a real database: facts of every store come together on the page, and what does not exist is refused in words.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFeatureReports } from '../../../src/activities/features/feature-reports';
import type { DataDocument } from '../../../src/dashboard/document/document';
import { planDigest } from '../../../src/definition/digest';
import { availableAt } from '../../../src/domain/zones';
import type { Stores } from '../../../src/ports/stores';
import { EMPTY_SKETCH, describeSketch, mergeSketches } from '../../../src/statistics/sketches';
import { createStores } from '../../../src/stores/stores';
import { runCommand } from '../../setup/command-line';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import tiny from '../../models/tiny/model';
import { artifact, candidate, sha } from '../stores/fixtures';

let database: TestDatabase;
let stores: Stores;
const folder = mkdtempSync(join(tmpdir(), 'docs-'));
const START = tiny.plan.snapshot.start;

async function accept(table: string, partition: string, rows: number, quarantinedRows = 0): Promise<void> {
  const data = artifact(`${table} ${partition} ${rows}`);
  const at = availableAt(tiny.plan.tables[table]!.availableAt, partition, tiny.plan.timeZone);
  const revision = { model: 'tiny', table, partition, data, rows, quarantinedRows, availableAt: at };
  const statistics = { delay: { nulls: rows / 10, distinct: 3 }, id: { nulls: 0, distinct: rows } };
  const sketches = { delay: { ...EMPTY_SKETCH, count: rows - rows / 10, nulls: rows / 10 } };
  await stores.transaction(async (tx) => {
    const stored = await stores.partitions.accept(tx, revision, statistics, [], sketches);
    await stores.watermarks.advance(tx, 'tiny', table, START);
    await stores.checks.record(tx, 'tiny', {
      ...{ table, partition, sha256: sha(data.sha256), contractDigest: 'c', verdict: 'accepted', sourceTypes: null },
      comparedWith: null,
      revision: stored.revision.revision,
      outcomes: [
        { check: 'minRows', kind: 'partition', verdict: 'warned', found: `${rows} rows`, allowed: 'more', rows },
      ],
    });
  });
}

beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
  await stores.definitions.save(planDigest(tiny.plan), tiny.plan, 'commit-1');
  await stores.definitions.setCurrent('tiny', 'simulated', planDigest(tiny.plan));
  for (const day of ['2013-02-20', '2013-02-21', '2013-02-23']) await accept('orders', day, 100);
  await accept('results', '2013-02-20', 90, 4);
  await accept('results', '2013-02-20', 80);
  await stores.transaction(async (tx) => {
    await stores.partitions.reject(tx, 'tiny', 'results', '2013-02-21', sha('bad'), '<b>bad</b> bytes');
    const { version } = await stores.registry.saveCandidate(tx, candidate('tiny', 'main'));
    await stores.registry.move(
      tx,
      {
        ...{ model: 'tiny', version, expectedEpoch: 0, why: 'promotion', by: 'ann', reason: 'first' },
        asOf: '2013-02-23T06:00:00.000Z',
      },
      {
        ...{ key: 'k', model: 'tiny', severity: 'info', event: 'champion.promotion', what: 'w', why: 'y' },
        ...{ command: 'c', asOf: '2013-02-23T06:00:00.000Z' },
      },
    );
  });
});
afterAll(async () => {
  await stores.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const docs = (...args: string[]): Promise<string> =>
  runCommand({ stores, lifecycles: undefined as never, schedules: undefined as never }, ['docs', ...args], {
    features: () => Promise.resolve(createFeatureReports(stores)),
    describeSketches: (sketches) => describeSketch(mergeSketches(sketches)),
  });

it('prints the document: what is stored, missing, rejected and re-opened as of the newest instant on record', async () => {
  const document = JSON.parse(await docs('tiny', '--json')) as DataDocument;
  expect(document).toMatchObject({
    ...{ model: 'tiny', codeCommit: 'commit-1', clock: 'simulated', from: START, to: '2013-02-23' },
    ...{ asOf: '2013-02-23T06:00:00.000Z', champion: { version: 1, contender: 'gbm' } },
  });
  const [orders, results] = document.tables;
  expect(orders!.days.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'missing', 'accepted']);
  expect(results!.days.map(({ state }) => state)).toEqual(['reopened', 'rejected', 'missing', 'not-due']);
  expect(orders).toMatchObject({ watermark: '2013-02-21', totals: { partitions: 3, rows: 300, quarantinedRows: 0 } });
  expect(results).toMatchObject({ watermark: START, totals: { partitions: 1, rows: 80, rejectedDeliveries: 1 } });
  expect(results!.days[0]).toMatchObject({ revision: 2, nullShares: { delay: 0.1 } });
  expect(results!.checks[0]).toMatchObject({ check: 'minRows', warned: 2, rows: 170 });
  expect(results!.columns.find(({ name }) => name === 'delay')!.numbers).toMatchObject({ count: 72, nulls: 8 });
  expect(document.views.map(({ name, daysStored }) => [name, daysStored])).toEqual([
    ['order', 0],
    ['past', 0],
  ]);
});

it('writes the page of a range and says what is in it', async () => {
  const out = join(folder, 'tiny.html');
  const printed = await docs('tiny', '--from', '2013-02-20', '--to', '2013-02-21', '--out', out);
  expect(printed).toMatch(/days {2}2013-02-20 to 2013-02-21, as of 2013-02-23T06:00/);
  const page = readFileSync(out, 'utf8');
  expect(page.match(/<use href="#d-[a-z-]+" x/g)).toHaveLength(4);
  expect(page).toContain('&lt;b&gt;bad&lt;/b&gt; bytes');
});

it('refuses a model that is not deployed, an empty range, and a file that cannot be written', async () => {
  await expect(docs('nobody', '--json')).rejects.toMatchObject({ code: 'MODEL_NOT_DEPLOYED' });
  await expect(docs('tiny', '--from', '2013-03-02', '--to', '2013-03-01')).rejects.toThrow(
    'its first day 2013-03-02 is after its last day 2013-03-01',
  );
  await expect(docs('tiny', '--out', join(folder, 'none', 'x.html'))).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/^docs: --out: .*x\.html cannot be written \(ENOENT/) as string,
  });
});
