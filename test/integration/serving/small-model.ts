// A deployed model with small real ONNX versions: version n answers with the probability n/100 plus what its two columns add.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelPlan } from '../../../src/domain/plan/plan';
import type { ModelSignature } from '../../../src/domain/training/training';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import type { Stores } from '../../../src/ports/stores';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../src/stores/stores';
import type { LogisticModel } from '../../../src/training/logistic-model';
import { logisticToOnnx } from '../../../src/training/onnx-logistic';
import { createTestDatabase } from '../../setup/database';
import { candidate, move, sha } from '../stores/fixtures';

export const MODEL = 'small';
const SIGNATURE: ModelSignature = {
  columns: [
    { kind: 'number', name: 'temp' },
    { kind: 'category', name: 'carrier', categories: ['AA', 'UA'] },
  ],
};

/** A definition with the two views that the columns come from. @param weather - the SQL of the first one. */
export function smallPlan(weather = 'SELECT id, temp FROM trips'): ModelPlan {
  const table = { source: { format: 'csv', path: 'trips.csv' }, availableAt: 'D 00:00', key: ['id'] } as const;
  return ModelPlan.parse({
    name: MODEL,
    task: 'binary',
    timeZone: 'UTC',
    tables: { trips: { ...table, columns: { id: { type: 'string' }, at: { type: 'timestamp' } } } },
    entity: { table: 'trips', key: 'id', eventTime: 'at' },
    label: { table: 'trips', sql: 'true' },
    features: [
      { name: 'weather', reads: { trips: 0 }, sql: weather, features: { temp: 'number' } },
      { name: 'flight', reads: { trips: 0 }, sql: 'SELECT id, carrier FROM trips', features: { carrier: 'category' } },
    ],
    contenders: { gbm: { trainer: 'logistic' } },
    snapshot: { start: '2013-01-01' },
  });
}

/** Log-odds of n/100, plus temp, plus 1 for UA. */
function modelOf(version: number): LogisticModel {
  const p = version / 100;
  return {
    intercept: Math.log(p / (1 - p)),
    terms: [
      { kind: 'number', name: 'temp', mean: 0, scale: 1, weight: 1, missingWeight: 0 },
      { kind: 'category', name: 'carrier', categories: ['AA', 'UA'], weights: [0, 1] },
    ],
  };
}

/** What version n answers for a row; temp null is missing. */
export function expected(version: number, temp: number | null = null, carrier: string | null = null): number {
  const odds = modelOf(version).intercept + (temp ?? 0) + (carrier === 'UA' ? 1 : 0);
  return 1 / (1 + Math.exp(-odds));
}

/** A database, an artifact directory, and the deployed model without versions. */
export interface SmallModel {
  readonly stores: Stores;
  readonly artifacts: ArtifactStore;
  readonly artifactRoot: string;
  readonly databaseUrl: string;
  /** Saves candidates of a definition, by default of the deployed one; their numbers go on from the last one. */
  addVersions(count: number, definitionDigest?: string): Promise<void>;
  /** Moves the champion, as the lifecycle does. */
  promote(version: number): Promise<void>;
  close(): Promise<void>;
}

/** Makes one; the caller closes it. */
export async function createSmallModel(): Promise<SmallModel> {
  const database = await createTestDatabase();
  const artifactRoot = mkdtempSync(join(tmpdir(), 'understudy-serving-'));
  const artifacts = createFileArtifactStore(artifactRoot);
  const stores = await createStores(database.url);
  await stores.definitions.save(sha('definition'), smallPlan(), 'abc');
  await stores.definitions.setCurrent(MODEL, 'wall', sha('definition'));
  let versions = 0;
  let epoch = 0;
  return {
    stores,
    artifacts,
    artifactRoot,
    databaseUrl: database.url,
    async addVersions(count, definitionDigest = sha('definition')) {
      const signature = await artifacts.put(Buffer.from(JSON.stringify(SIGNATURE)), 'application/json');
      for (let added = 0; added < count; added++) {
        const onnx = await artifacts.put(logisticToOnnx(modelOf(++versions)), 'application/onnx');
        const base = candidate(MODEL, String(versions));
        const version = { ...base, onnx, signature, lineage: { ...base.lineage, definitionDigest } };
        await stores.transaction((tx) => stores.registry.saveCandidate(tx, version));
      }
    },
    async promote(version) {
      await move(stores, MODEL, { version, expectedEpoch: epoch++, why: 'override' });
    },
    async close() {
      await stores.close();
      await database.drop();
      rmSync(artifactRoot, { recursive: true, force: true });
    },
  };
}
