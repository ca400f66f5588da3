/** @jest-environment ./test/setup/host-arrays-environment.js */
// Three variants of one definition: each has its own rows, versions and champion; their tables are ingested and their views computed once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFeaturizer } from '../../../src/activities/features/featurize';
import { createEngine, type Engine } from '../../../src/data/engine';
import { verifySnapshot } from '../../../src/activities/snapshots/verify-snapshot';
import { daysBetween } from '../../../src/domain/days';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, FIRST_DAY, type Tiny } from '../../setup/tiny-lifecycle';

const LAST = '2013-03-20';
const CYCLE = '2013-03-20';
const KINDS = ['a', 'b', 'c'] as const;

let product: Product;
let engine: Engine;
let models: readonly Tiny[];
beforeAll(async () => {
  product = await startProduct();
  engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: await product.artifacts.tempDir() });
  product.addModelFolder('shared');
  const small = { minTrainRows: 30, minHoldoutRows: 30, minTruthRows: 30 };
  const deployed: Tiny[] = [];
  for (const kind of KINDS) {
    const { snapshot, evaluation } = tiny.plan;
    const change = { dataOf: 'shared', rows: `kind = '${kind}'`, approval: { when: 'never' } } as const;
    deployed.push(
      await deployTiny(product, `shared-${kind}`, {
        ...change,
        snapshot: { ...snapshot, ...small },
        evaluation: { ...evaluation, superiority: { minRows: 30 } },
      }),
    );
  }
  models = deployed;
});
afterAll(async () => {
  engine.close();
  await product.close();
});

function keysOf(kind: string, day: string): string[] {
  const lines = readFileSync(join(product.modelsFolder, 'shared', 'orders.csv'), 'utf8').split('\n');
  const head = lines[0]!.split(',');
  const [id, at, of] = ['id', 'day', 'kind'].map((name) => head.indexOf(name)) as [number, number, number];
  const rows = lines.map((line) => line.split(','));
  return rows.filter((row) => row[at] === day && row[of] === kind).map((row) => row[id]!);
}

it('ingests the tables and computes each view’s day once for all of them', async () => {
  const days = daysBetween(FIRST_DAY, LAST);
  const { stores, artifacts } = product;
  const featurizer = createFeaturizer({ stores, artifacts, engine });
  const [first] = models as [Tiny];
  await first.backfill(FIRST_DAY, LAST);
  const stored = await stores.partitions.totals('shared');
  expect(stored.ingested).toBe(2 * days.length);
  for (const model of models) {
    const wanted = await featurizer.wanted(model.plan(), days);
    const { computed, reused } = await featurizer.ensure(model.plan(), wanted, () => undefined);
    expect([model.name, computed, reused]).toEqual([model.name, 0, 2 * days.length]);
  }
  for (const model of models.slice(1)) await model.backfill(FIRST_DAY, LAST);
  expect(await stores.partitions.totals('shared')).toEqual(stored);
  expect((await stores.partitions.totals('shared-a')).ingested).toBe(0);
  // One lifecycle after the other gets the same delivery: it is checked once, and the later ones find it unchanged.
  for (const model of models) {
    await product.lifecycles.ingest(model.name, { partition: '2013-03-21' }, `day-${model.name}`);
    await model.atRest();
  }
  expect((await stores.partitions.totals('shared')).ingested).toBe(stored.ingested + 2);
});

it('trains, judges and serves each on its own rows', async () => {
  for (const model of models) {
    const status = await model.retrain(CYCLE);
    expect(status.champion).not.toBeNull();
  }
  const { stores, artifacts } = product;
  for (const [index, kind] of KINDS.entries()) {
    const model = models[index]!;
    const [version] = await stores.registry.list(model.name);
    const snapshot = (await stores.features.loadSnapshot(version!.lineage.snapshot))!;
    const expected = daysBetween(snapshot.holdoutDays.from, snapshot.holdoutDays.to).flatMap((day) =>
      keysOf(kind, day),
    );
    const path = await artifacts.localPath(snapshot.holdout);
    const rows = await engine.task((connection) => connection.rows(`SELECT __key AS key FROM read_parquet('${path}')`));
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.every((row) => expected.includes(String(row['key'])))).toBe(true);
    const verified = await verifySnapshot(
      { stores, artifacts, engine, tempDir: await artifacts.tempDir() },
      model.name,
      snapshot,
    );
    expect(verified.verified).toBe(true);
    await model.tick('score', LAST, '2013-03-21T06:30:00Z');
    await model.atRest();
    const predictions = await stores.predictions.list(model.name, LAST, LAST);
    expect(predictions.map(({ entityKey }) => entityKey).sort()).toEqual(keysOf(kind, LAST).sort());
    await model.tick('monitor', '2013-03-19', '2013-03-21T07:00:00Z');
    await model.atRest();
    const [report] = await stores.monitoring.list(model.name, '2013-03-19', '2013-03-19');
    expect(report?.rows).toBe(keysOf(kind, '2013-03-19').length);
  }
  const champions = await Promise.all(models.map(({ name }) => stores.registry.champion(name)));
  expect(champions.map(({ epoch }) => epoch)).toEqual([1, 1, 1]);
});

it('keeps the shared partitions whichever of them is swept for', async () => {
  const { stores } = product;
  const revisions = await stores.partitions.newest('shared', 'orders', FIRST_DAY, LAST);
  for (const model of models) {
    const reachable = await stores.reachableArtifacts(model.name, 10, FIRST_DAY);
    expect(revisions.every(({ data }) => reachable.has(data.sha256))).toBe(true);
  }
});
