// Real stores, artifacts and engine with a small model of shops: orders, results a day later, traffic by the hour, and views of views.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import {
  createFeaturizer,
  type FeatureDependencies,
  type Featurizer,
} from '../../../src/activities/features/featurize';
import { createSnapshotActivities } from '../../../src/activities/snapshots/snapshot';
import { createEngine, type Engine } from '../../../src/data/engine';
import { planDigest } from '../../../src/definition/digest';
import { MEDIA_TYPES } from '../../../src/domain/data/artifacts';
import type { Day } from '../../../src/domain/days';
import type { SnapshotRef } from '../../../src/domain/data/partitions';
import { ModelPlan, type ModelPlanInput } from '../../../src/domain/plan/plan';
import { availableAt } from '../../../src/domain/zones';
import type { Stores } from '../../../src/ports/stores';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase } from '../../setup/database';
import { ordersOf, resultsOf, trafficOf, type Row } from './shop-rows';

const source = { format: 'csv' as const, path: 'x-{yyyy}-{MM}-{dd}.csv' };
const PLAN: ModelPlanInput = {
  name: 'shops',
  task: 'binary',
  timeZone: 'America/New_York',
  tables: {
    orders: {
      source,
      availableAt: 'D 00:00',
      columns: {
        id: { type: 'string' },
        shop: { type: 'string' },
        amount: { type: 'number' },
        placed_at: { type: 'timestamp' },
      },
      key: ['id'],
    },
    results: {
      source,
      availableAt: 'D+1 00:00',
      columns: { id: { type: 'string' }, shop: { type: 'string' }, late: { type: 'number', nullable: true } },
      key: ['id'],
    },
    traffic: {
      source,
      availableAt: 'D+1 00:00',
      rowAvailableAt: 'seen_at + INTERVAL 1 HOUR',
      columns: { shop: { type: 'string' }, seen_at: { type: 'timestamp' }, jam: { type: 'number' } },
      key: ['shop', 'seen_at'],
    },
  },
  entity: { table: 'orders', key: 'id', eventTime: 'placed_at' },
  label: { table: 'results', sql: 'late >= 15' },
  features: [
    {
      // Written before the view that it reads: the order does not matter.
      name: 'trend',
      reads: { orders: 0, past: 2 },
      sql: `SELECT o.id, avg(p.past_late) AS trend_late, count(p.id) AS trend_rows
        FROM orders o LEFT JOIN past p ON p.available_at < o.placed_at GROUP BY o.id`,
      features: { trend_late: 'number', trend_rows: 'number' },
    },
    {
      name: 'past',
      owner: 'ops',
      description: 'Mean lateness of the shop on the last three days.',
      reads: { orders: 0, results: 3 },
      sql: `SELECT o.id, (SELECT avg(late) FROM results r WHERE r.shop = o.shop) AS past_late FROM orders o`,
      features: { past_late: 'number' },
    },
    {
      name: 'jam',
      reads: { orders: 0, traffic: 1 },
      sql: `SELECT o.id, t.jam FROM orders o ASOF LEFT JOIN traffic t ON o.shop = t.shop AND o.placed_at >= t.available_at`,
      features: { jam: 'number' },
    },
    {
      name: 'order',
      reads: { orders: 0 },
      sql: 'SELECT id, amount, shop FROM orders',
      features: { amount: 'number', shop: 'category' },
    },
  ],
  contenders: { linear: { trainer: 'logistic' } },
  evaluation: { superiority: { minRows: 10 } },
  snapshot: {
    start: '2013-01-01',
    holdoutDays: 3,
    truthSet: { everyNthDay: 5 },
    minTrainRows: 1,
    minHoldoutRows: 1,
    minTruthRows: 1,
  },
  retention: { compactAfterDays: 5 },
};

/** The plan under another name or with other fields. */
export function shopPlan(changes: Partial<ModelPlanInput> = {}): ModelPlan {
  return ModelPlan.parse({ ...PLAN, ...changes });
}

export interface ShopBench extends FeatureDependencies {
  readonly stores: Stores;
  readonly databaseUrl: string;
  readonly featurizer: Featurizer;
  readonly folder: string;
  /** Accepts a partition of these rows; `asOf`: when it was delivered. */
  accept(model: string, table: string, day: Day, rows: readonly Row[], asOf?: string): Promise<void>;
  /** Accepts the generated rows of all tables for these days. */
  acceptDays(model: string, days: readonly Day[]): Promise<void>;
  /** Featurizes days; the number of partitions that were computed. */
  featurize(plan: ModelPlan, days: readonly Day[]): Promise<number>;
  fix(plan: ModelPlan, logicalTime: Day, asOf: string): Promise<SnapshotRef>;
  close(): Promise<void>;
}

/** Opens everything; the caller closes it. */
export async function openShops(): Promise<ShopBench> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-features-'));
  const database = await createTestDatabase();
  const stores = await createStores(database.url, { poolSize: 4 });
  const artifacts = createFileArtifactStore(join(folder, 'artifacts'));
  const engine = await otherEngine(folder, 1);
  const featurizer = createFeaturizer({ stores, artifacts, engine });

  const accept: ShopBench['accept'] = async (model, table, day, rows, asOf) => {
    const outDir = await artifacts.tempDir();
    const path = join(outDir, 'rows.parquet');
    const columns = shopPlan().tables[table]!.columns;
    const values = rows.map(
      (row) =>
        `(${Object.keys(columns)
          .map((name) => literal(row[name]!))
          .join(', ')})`,
    );
    const types = Object.entries(columns).map(([name, { type }]) => {
      return `CAST(${name} AS ${{ number: 'DOUBLE', timestamp: 'TIMESTAMP' }[type as string] ?? 'VARCHAR'}) AS ${name}`;
    });
    await engine.run(
      `COPY (SELECT ${types.join(', ')} FROM (VALUES ${values.join(', ')}) t(${Object.keys(columns).join(', ')})) TO '${path}' (FORMAT parquet)`,
    );
    const data = await artifacts.putFile(path, MEDIA_TYPES.parquet, rows.length);
    rmSync(outDir, { recursive: true });
    const revision = {
      ...{ model, table, partition: day, data, rows: rows.length, quarantinedRows: 0 },
      availableAt: availableAt(shopPlan().tables[table]!.availableAt, day, shopPlan().timeZone),
      ...(asOf === undefined ? {} : { asOf }),
    };
    await stores.transaction((tx) => stores.partitions.accept(tx, revision, {}, []));
  };

  return {
    ...{ stores, artifacts, engine, featurizer, folder, accept, databaseUrl: database.url },
    async acceptDays(model, days) {
      for (const day of days) {
        await accept(model, 'orders', day, ordersOf(day));
        await accept(model, 'results', day, resultsOf(day));
        await accept(model, 'traffic', day, trafficOf(day));
      }
    },
    async featurize(plan, days) {
      const { computed } = await featurizer.ensure(plan, await featurizer.wanted(plan, days), () => undefined);
      return computed;
    },
    async fix(plan, logicalTime, asOf) {
      const digest = planDigest(plan);
      await stores.definitions.save(digest, plan, 'commit');
      const { fixSnapshot } = createSnapshotActivities({
        ...{ stores, artifacts, engine, modelsFolder: folder, servingUrl: '', trainingThreads: 1, sweepGraceMs: 0 },
      });
      const context = { model: plan.name, definitionDigest: digest, asOf, cycle: `cycle/${logicalTime}`, logicalTime };
      const activity = () => fixSnapshot(context);
      return (
        await new MockActivityEnvironment().run<[], Awaited<ReturnType<typeof activity>>, typeof activity>(activity)
      ).snapshot;
    },
    async close() {
      engine.close();
      await stores.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An engine with its own spill folder. */
export function otherEngine(folder: string, threads: number): Promise<Engine> {
  return createEngine({ threads, memoryLimitMb: 512, tempDir: mkdtempSync(join(folder, 'spill-')) });
}

function literal(value: string | number | null): string {
  return value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${value}'`;
}
