// Every class of damaged file through the real ingest activity: refused with the message of docs/damaged-input.md, and nothing of it is kept.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deploy,
  makeWorker,
  modelFolderOf,
  openPorts,
  type DataWorker,
  type Place,
} from '../../../scripts/proof/data-plane/place/place';
import { createEngine, type Engine } from '../../../src/data/engine';
import { defineModel } from '../../../src/definition/define-model';
import type { FileSourcePlan } from '../../../src/domain/plan/plan';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { READ, REFUSED } from '../../unit/data/damaged-cases';
import { TINY_INPUT } from '../../unit/data/tiny-model';

const FIXTURES = join(__dirname, '../../fixtures/damaged');
const DAY = '2013-01-01';
const AS_OF = '2013-02-01T00:00:00.000Z';

let database: TestDatabase;
let engine: Engine;
let place: Place;
let worker: DataWorker;
let models = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  place = { databaseUrl: database.url, folder: mkdtempSync(join(tmpdir(), 'understudy-damaged-')) };
  engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: join(place.folder, 'spill') });
  worker = makeWorker(place, await openPorts(place), engine);
});
afterAll(async () => {
  engine.close();
  await worker.stores.close();
  await database.drop();
  rmSync(place.folder, { recursive: true });
});

/** Deploys a model whose deliveries are the file, and ingests its day as a cycle would. */
async function ingest(file: string, source: Partial<FileSourcePlan> = {}) {
  const name = `damaged-${++models}`;
  const folder = modelFolderOf(place, name);
  mkdirSync(folder, { recursive: true });
  if (file === 'directory') mkdirSync(join(folder, file));
  else if (file !== 'missing.csv') cpSync(join(FIXTURES, file), join(folder, file));
  const deliveries = {
    ...TINY_INPUT.tables['deliveries']!,
    source: { format: 'csv', path: file, partitionBy: 'CAST(day AS DATE)', ...source } as FileSourcePlan,
    columns: {
      id: { type: 'string' },
      depot: { type: 'string', sql: "'north'" },
      delay: { type: 'number', sql: '1' },
    } as const,
    rowRules: [],
    partitionRules: { minRows: 1, maxQuarantineShare: 1 },
  };
  const { plan } = defineModel({ ...TINY_INPUT, name, tables: { ...TINY_INPUT.tables, deliveries } });
  const definitionDigest = await deploy(worker, plan);
  const partitions = [{ table: 'deliveries', partition: DAY }];
  const [result] = await worker.run('ingestMissing', { model: name, definitionDigest, asOf: AS_OF, partitions });
  return { name, result: result! };
}

async function digests(): Promise<string[]> {
  const found: string[] = [];
  for await (const { sha256 } of worker.artifacts.list()) found.push(sha256);
  return found.sort();
}

describe('the ingest of a damaged file', () => {
  it.each(REFUSED.map((each) => [each.name, each] as const))(
    'with %s rejects it in these words and keeps nothing',
    async (_name, each) => {
      const before = await digests();
      const { name, result } = await ingest(each.file, each.source);
      expect(result).toMatchObject({ outcome: 'rejected', rows: 0, message: each.message });
      expect(await worker.stores.partitions.newest(name, 'deliveries', DAY, DAY)).toEqual([]);
      expect(await digests()).toEqual(before);
      expect(readdirSync(join(place.folder, 'artifacts', 'tmp'))).toEqual([]);
    },
  );
});

describe('the ingest of an unusual file', () => {
  const csv = READ.filter(({ file, rows }) => file.endsWith('.csv') && rows.length > 0);
  it.each(csv.map((each) => [each.name, each] as const))(
    'with %s keeps or sets aside every row of it',
    async (_name, each) => {
      const { result } = await ingest(each.file, each.source);
      expect({ ...result, kept: result.rows + result.quarantinedRows }).toMatchObject({
        outcome: 'accepted',
        kept: each.rows.length,
      });
    },
  );

  it('with a header only is a partition of no rows, which the rule of least rows rejects', async () => {
    const { result } = await ingest('header-only.csv');
    expect(result.outcome).toBe('rejected');
  });
});
