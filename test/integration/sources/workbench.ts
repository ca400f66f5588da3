// A delivery finder on a real database, a real artifact folder and a real engine, with a models folder of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  createDeliveryFinder,
  type DeliveryFinder,
  type FoundRows,
} from '../../../src/activities/deliveries/deliveries';
import type { DataDependencies } from '../../../src/activities/dependencies';
import { createEngine, type Row } from '../../../src/data/engine';
import type { TableContract } from '../../../src/definition/builders';
import { ModelPlan, type ModelPlanInput } from '../../../src/domain/plan/plan';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import type { Stores } from '../../../src/ports/stores';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase } from '../../setup/database';

type TableInput = ModelPlanInput['tables'][string];
/** What the tables of these tests have in common; the contract is of no interest here. */
export const CONTRACT: TableContract = { availableAt: 'D 00:00', key: ['id'], columns: { id: { type: 'string' } } };

/** A plan of one model with this table. */
export function planOf(table: TableInput, model = 'late'): ModelPlan {
  return ModelPlan.parse({
    name: model,
    task: 'binary',
    timeZone: 'America/New_York',
    tables: { rows: table },
    entity: { table: 'rows', key: 'id', eventTime: 'at' },
    label: { table: 'rows', sql: 'true' },
    features: [{ name: 'view', reads: { rows: 0 }, sql: 'select 1', features: { x: 'number' } }],
    contenders: { linear: { trainer: 'logistic' } },
    snapshot: { start: '2013-01-01' },
  } satisfies ModelPlanInput);
}

export interface Workbench {
  readonly stores: Stores;
  readonly databaseUrl: string;
  readonly artifacts: ArtifactStore;
  /** What activities are given; the same for all calls of {@link Workbench.finder}. */
  readonly dependencies: DataDependencies;
  readonly finder: DeliveryFinder;
  /** A second finder as another process would have it: it remembers nothing. */
  newFinder(): DeliveryFinder;
  /** Writes a file into the folder of the model `late`. */
  write(path: string, content: string | Buffer): string;
  /** Rows of a find, in order; null: none. */
  rowsOf(found: FoundRows): Promise<Row[] | null>;
  close(): Promise<void>;
}

/** Makes one; the caller closes it. */
export async function createWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-deliveries-'));
  const database = await createTestDatabase();
  const stores = await createStores(database.url, { poolSize: 4 });
  const artifacts = createFileArtifactStore(join(folder, 'artifacts'));
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: join(folder, 'spill') });
  const dependencies: DataDependencies = {
    ...{ stores, artifacts, engine },
    modelsFolder: join(folder, 'models'),
    sourceConnections: { SOURCE_SHOP: database.url, SOURCE_GONE: 'postgres://ann:secret@127.0.0.1:1/shop' },
    servingUrl: '',
    trainingThreads: 1,
    sweepGraceMs: 0,
  };
  const newFinder = (): DeliveryFinder => createDeliveryFinder({ ...dependencies });
  return {
    stores,
    databaseUrl: database.url,
    artifacts,
    dependencies,
    finder: createDeliveryFinder(dependencies),
    newFinder,
    write(path, content) {
      const file = join(folder, 'models', 'late', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    async rowsOf({ raw }) {
      if (raw === null) return null;
      return engine.rows('SELECT * FROM read_parquet($1) ORDER BY ALL', [await artifacts.localPath(raw)]);
    },
    async close() {
      engine.close();
      await stores.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
