// Where a life of the data plane takes place: one database and one folder, and workers on them that run the real activities without Temporal.
// Invariant: an emptied place is like a new one; workers share nothing but the database and the folder.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import { createDataActivities } from '../../../src/activities';
import type { Engine } from '../../../src/data/engine';
import { planDigest } from '../../../src/definition/digest';
import type { ModelPlan } from '../../../src/domain/plan';
import type { DataActivities } from '../../../src/ports/activities';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import type { Stores } from '../../../src/ports/stores';
import { createFileArtifactStore } from '../../../src/stores/artifacts-file';
import { createStores } from '../../../src/stores/stores';

/** What a worker works on. */
export interface Ports {
  readonly stores: Stores;
  readonly artifacts: ArtifactStore;
}

/** A database and a folder with artifacts and models. */
export interface Place {
  readonly databaseUrl: string;
  readonly folder: string;
}

/** The data activities as one process has them, each run as Temporal would run it. */
export interface DataWorker extends Ports {
  run<K extends keyof DataActivities>(
    activity: K,
    input: Parameters<DataActivities[K]>[0],
  ): ReturnType<DataActivities[K]>;
}

/** Folder of a place's model. */
export function modelFolderOf({ folder }: Place, model: string): string {
  return join(folder, 'models', model);
}

/** Folder of a place's artifacts. */
export function artifactFolderOf({ folder }: Place): string {
  return join(folder, 'artifacts');
}

/** Opens the ports of a place; the caller closes the stores. */
export async function openPorts(place: Place): Promise<Ports> {
  const stores = await createStores(place.databaseUrl, { poolSize: 6 });
  return { stores, artifacts: createFileArtifactStore(artifactFolderOf(place)) };
}

/** Makes a worker; its memory (read digests, read plans) is its own. Artifacts are swept without a time of grace. */
export function makeWorker(place: Place, { stores, artifacts }: Ports, engine: Engine): DataWorker {
  const activities: DataActivities = createDataActivities({
    stores,
    artifacts,
    engine,
    modelsFolder: join(place.folder, 'models'),
    servingUrl: 'http://127.0.0.1:9',
    trainingThreads: 1,
    sweepGraceMs: 0,
  });
  const logger = new DefaultLogger('ERROR', () => undefined);
  return {
    stores,
    artifacts,
    run: (activity, input) => {
      const environment = new MockActivityEnvironment({ activityType: activity }, { logger });
      const call = activities[activity] as (input: unknown) => Promise<unknown>;
      return environment.run<[unknown], unknown, typeof call>(call, input) as ReturnType<
        DataActivities[typeof activity]
      >;
    },
  };
}

/** Records the plan and makes it the model's current one; gives its digest. */
export async function deploy({ stores }: Ports, plan: ModelPlan): Promise<string> {
  const digest = planDigest(plan);
  await stores.definitions.save(digest, plan, 'proof');
  await stores.definitions.setCurrent(plan.name, 'simulated', digest);
  return digest;
}

/** Takes every row out of the database (append-only tables too, past their triggers) and every file out of the folder. */
export async function emptyPlace({ databaseUrl, folder }: Place): Promise<void> {
  for (const name of ['artifacts', 'models']) {
    rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(join(folder, name), { recursive: true });
  }
  await withClient(databaseUrl, (client) =>
    client.query(`
      do $$ declare name text; begin
        set local session_replication_role = replica;
        for name in select tablename from pg_tables
          where schemaname = 'public' and tablename not in ('schema_migrations', 'version_transitions')
        loop execute format('delete from %I', name); end loop;
      end $$`),
  );
}

/** Runs something on a connection of its own. */
export async function withClient<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
