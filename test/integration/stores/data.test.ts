// Partitions, features, definitions, predictions and monitor reports: what is stored comes back as it was, and once.
import type { PartitionRevision } from '../../../src/domain/data/partitions';
import { ModelPlan } from '../../../src/domain/plan/plan';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import type { LoggedPrediction, Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF, artifact, sha, snapshot } from './fixtures';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
});
afterAll(async () => {
  await stores.close();
  await database.drop();
});

const delivered = (model: string, partition: string, text: string, rows = 10): Omit<PartitionRevision, 'revision'> => ({
  model,
  table: 'flights',
  partition,
  data: { ...artifact(text), rows },
  quarantine: artifact(`${text} quarantine`),
  rows,
  quarantinedRows: 2,
  availableAt: AS_OF,
});
const accept = (revision: Omit<PartitionRevision, 'revision'>) =>
  stores.transaction((tx) =>
    stores.partitions.accept(
      tx,
      revision,
      { zeta: { nulls: 0, distinct: 3 }, alpha: { nulls: 1, distinct: 2, mean: 0.1 } },
      [],
    ),
  );

describe('partitions', () => {
  it('count revisions by delivery with other rows; the same rows again are none', async () => {
    const first = await accept(delivered('p', '2013-01-01', 'a'));
    expect(first).toEqual({
      revision: { ...delivered('p', '2013-01-01', 'a'), revision: 1 },
      isNew: true,
      replaced: false,
    });
    expect(await accept(delivered('p', '2013-01-01', 'a'))).toMatchObject({ isNew: false, revision: { revision: 1 } });
    expect(await accept(delivered('p', '2013-01-01', 'b', 20))).toMatchObject({
      isNew: true,
      replaced: true,
      revision: { revision: 2 },
    });
    expect(await accept(delivered('p', '2013-01-01', 'a'))).toMatchObject({ isNew: true, revision: { revision: 3 } });
    await accept(delivered('p', '2013-01-03', 'c', 5));
    await stores.transaction((tx) => stores.partitions.reject(tx, 'p', 'flights', '2013-01-02', sha('x'), 'bad'));
    const newest = await stores.partitions.newest('p', 'flights', '2013-01-01', '2013-01-31');
    expect(newest.map(({ partition, revision }) => [partition, revision])).toEqual([
      ['2013-01-01', 3],
      ['2013-01-03', 1],
    ]);
    expect(await stores.partitions.totals('p')).toEqual({
      ingested: 2,
      rejected: 1,
      reopened: 2,
      rows: 15,
      quarantinedRows: 4,
    });
    expect(await stores.partitions.rejections('p')).toMatchObject([
      { table: 'flights', partition: '2013-01-02', message: 'bad' },
    ]);
    await accept(delivered('p', '2013-01-02', 'd', 7));
    expect(await stores.partitions.totals('p')).toMatchObject({ ingested: 3, rejected: 1, reopened: 3 });
    expect(await stores.partitions.totals('none')).toEqual({
      ingested: 0,
      rejected: 0,
      reopened: 0,
      rows: 0,
      quarantinedRows: 0,
    });
  });

  it('get gapless revisions when ten deliveries race', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) => accept(delivered('racing', '2013-01-01', `r${n}`))),
    );
    expect(all.map(({ revision }) => revision.revision).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('give the statistics of the newest days before a day, newest first, with columns in their order', async () => {
    for (const day of ['01', '02', '03', '04']) await accept(delivered('s', `2013-01-${day}`, day));
    const found = await stores.partitions.statistics('s', 'flights', '2013-01-04', 2);
    expect(found.map(({ partition }) => partition)).toEqual(['2013-01-03', '2013-01-02']);
    expect(Object.keys(found[0]!.columns)).toEqual(['zeta', 'alpha']);
  });

  it('know a split file and each of its days', async () => {
    await stores.partitions.saveSplit('file', 'split', { '2013-01-01': artifact('raw') });
    expect(await stores.partitions.loadSplit('file', 'split', '2013-01-01')).toEqual({
      known: true,
      data: artifact('raw'),
    });
    expect(await stores.partitions.loadSplit('file', 'split', '2013-01-02')).toEqual({ known: true, data: null });
    expect(await stores.partitions.loadSplit('file', 'other', '2013-01-01')).toEqual({ known: false, data: null });
  });
});

describe('features', () => {
  it('come back by key; saving twice is one', async () => {
    const made = ['k1', 'k2'].map((key) => ({ key, view: 'v', day: '2013-01-01', data: artifact(key), rows: 3 }));
    await stores.features.save(made);
    await stores.features.save([...made, ...made]);
    expect(await stores.features.find(['k2', 'k1', 'k3'])).toEqual(made);
    await stores.features.saveSnapshot('m', snapshot('s1'));
    await stores.features.saveSnapshot('m', snapshot('s1'));
    expect(await stores.features.loadSnapshot('s1')).toEqual(snapshot('s1'));
    expect(await stores.features.loadSnapshot('s2')).toBeNull();
  });
});

describe('definitions', () => {
  const plan = ModelPlan.parse({
    name: 'd',
    task: 'binary',
    timeZone: 'UTC',
    tables: {},
    entity: { table: 'flights', key: 'id', eventTime: 'at' },
    label: { table: 'flights', sql: 'late' },
    features: [{ name: 'f', sql: 'select 1', reads: {}, features: { zeta: 'number', alpha: 'category' } }],
    contenders: {},
    snapshot: { start: '2013-01-01' },
  });

  it('come back exactly, with the order of their keys', async () => {
    await stores.definitions.save('digest-1', plan, 'commit');
    await stores.definitions.save('digest-1', plan, 'commit');
    const loaded = await stores.definitions.load('digest-1');
    expect(JSON.stringify(loaded)).toBe(JSON.stringify({ plan, codeCommit: 'commit' }));
    await expect(stores.definitions.load('digest-2')).rejects.toMatchObject({ code: 'MODEL_NOT_DEPLOYED' });
  });

  it('keep a model on the clock of its creation', async () => {
    await stores.definitions.save('digest-1', plan, 'commit');
    expect(await stores.definitions.current('d')).toBeNull();
    await stores.definitions.setCurrent('d', 'simulated', 'digest-1');
    await stores.definitions.setCurrent('d', 'simulated', 'digest-1');
    await expect(stores.definitions.setCurrent('d', 'wall', 'digest-1')).rejects.toMatchObject({ code: 'USAGE' });
    expect(await stores.definitions.current('d')).toEqual({ clock: 'simulated', digest: 'digest-1' });
    expect(await stores.definitions.models()).toEqual(['d']);
  });
});

describe('predictions', () => {
  const row = (n: number, probability = n / 20_000): LoggedPrediction => ({
    model: 'm',
    version: 1,
    partition: '2013-01-05',
    entityKey: `flight-${String(n).padStart(5, '0')}`,
    asOf: AS_OF,
    probability,
  });

  it('are logged once per entity, whoever comes first, in batches of any size', async () => {
    const rows = Array.from({ length: 12_000 }, (_, n) => row(n));
    const added = await Promise.all([stores.predictions.append(rows), stores.predictions.append(rows)]);
    expect(added[0] + added[1]).toBe(12_000);
    expect(await stores.predictions.append([row(1, 0.99), row(1, 0.98)])).toBe(0);
    expect(await stores.predictions.count('m', '2013-01-05')).toBe(12_000);
    expect(await stores.predictions.list('m', '2013-01-05', '2013-01-05')).toEqual(rows);
  });

  it('are of any task, as they were served, with exactly one of the three outputs', async () => {
    const { probability, ...other } = { ...row(0), partition: '2013-01-06' };
    const shares = [...Float32Array.of(0.1, 0.2, 0.7)];
    const rows: LoggedPrediction[] = [
      { ...other, entityKey: 'a', probability: probability ?? 0 },
      { ...other, entityKey: 'b', probabilities: shares },
      { ...other, entityKey: 'c', value: -12.5 },
    ];
    expect(await stores.predictions.append(rows)).toBe(3);
    expect(await stores.predictions.list('m', '2013-01-06', '2013-01-06')).toEqual(rows);
    const [day, ...more] = await stores.predictions.outputs('m', '2013-01-06', '2013-01-07');
    expect(more).toEqual([]);
    expect(day?.partition).toBe('2013-01-06');
    const text = (outputs: readonly object[]): string[] => outputs.map((output) => JSON.stringify(output)).sort();
    const outputs = rows.map(({ probability, probabilities, value }) => ({ probability, probabilities, value }));
    expect(text(day!.outputs)).toEqual(text(outputs));
    for (const bad of [{}, { probability: 0.5, value: 1 }, { probabilities: [0.5, 0.6, 1.1] }, { value: Infinity }]) {
      await expect(stores.predictions.append([{ ...other, entityKey: 'd', ...bad }])).rejects.toThrow('violates check');
    }
  });
});

describe('monitor reports', () => {
  it('are one per day; the last one counts', async () => {
    const report: MonitorReport = {
      model: 'm',
      day: '2013-01-05',
      championVersion: 1,
      rows: 1,
      labelledRows: 1,
      lateShare: null,
      drift: [],
      predictionPsi: null,
      skew: { compared: 0, differing: 0, worst: null },
      performance: [],
      baseRateLogLoss: null,
      businessMetric: null,
      scored: artifact('scored'),
      badDay: false,
      verdict: 'nothing',
      reasons: [],
    };
    await stores.transaction((tx) => stores.monitoring.save(tx, report));
    await stores.transaction((tx) => stores.monitoring.save(tx, { ...report, verdict: 'alert' }));
    expect(await stores.monitoring.list('m', '2013-01-01', '2013-01-31')).toEqual([{ ...report, verdict: 'alert' }]);
  });
});
