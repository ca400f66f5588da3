// Where a life of the data plane takes place: one database and one folder, and workers on them that run the real activities without Temporal.
// Invariant: an emptied place is like a new one; workers share nothing but the database and the folder.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import { createDataActivities } from '../../../../src/activities';
import { withFailureCodes } from '../../../../src/activities/boundary';
import { createQuarantineActivities } from '../../../../src/activities/ingest/quarantine';
import type { Engine } from '../../../../src/data/engine';
import { planDigest } from '../../../../src/definition/digest';
import type { ModelPlan } from '../../../../src/domain/plan/plan';
import type { ControlActivities, DataActivities } from '../../../../src/ports/activities';
import type { ArtifactStore } from '../../../../src/ports/artifacts';
import type { LifecycleGateway } from '../../../../src/ports/lifecycle-gateway';
import type { Stores } from '../../../../src/ports/stores';
import { createFileArtifactStore } from '../../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../../src/stores/stores';

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

/** The activities that the proof runs: those of the data worker, and a person's verdict on rows in quarantine. */
export type ProvenActivities = DataActivities & Pick<ControlActivities, 'recordQuarantineVerdict'>;

/** The activities as one process has them, each run as Temporal would run it. */
export interface DataWorker extends Ports {
  run<K extends keyof ProvenActivities>(
    activity: K,
    input: Parameters<ProvenActivities[K]>[0],
  ): ReturnType<ProvenActivities[K]>;
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

/** A verdict on rows needs no workflow. */
const NO_LIFECYCLES: LifecycleGateway = {
  tick: () => Promise.reject(new Error('there are no lifecycles here')),
  ended: () => Promise.reject(new Error('there are no lifecycles here')),
};

/** Makes a worker; its memory (read digests, read plans) is its own. Artifacts are swept without a time of grace. */
export function makeWorker(place: Place, { stores, artifacts }: Ports, engine: Engine): DataWorker {
  const servingUrl = 'http://127.0.0.1:9';
  const activities: ProvenActivities = {
    ...createDataActivities({
      ...{ stores, artifacts, engine, servingUrl },
      modelsFolder: join(place.folder, 'models'),
      trainingThreads: 1,
      sweepGraceMs: 0,
    }),
    ...withFailureCodes(createQuarantineActivities({ stores, artifacts, servingUrl, gateway: NO_LIFECYCLES })),
  };
  const logger = new DefaultLogger('ERROR', () => undefined);
  return {
    stores,
    artifacts,
    run: (activity, input) => {
      const environment = new MockActivityEnvironment({ activityType: activity }, { logger });
      const call = activities[activity] as (input: unknown) => Promise<unknown>;
      return environment.run<[unknown], unknown, typeof call>(call, input) as ReturnType<
        ProvenActivities[typeof activity]
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

/** Folders of a place. */
const FOLDERS = ['artifacts', 'models'] as const;

/** Takes every row out of the database (append-only tables too, past their triggers) and every file out of the folder. */
export async function emptyPlace({ databaseUrl, folder }: Place): Promise<void> {
  for (const name of FOLDERS) {
    rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(join(folder, name), { recursive: true });
  }
  await withClient(databaseUrl, (client) =>
    client.query(`
      do $$ declare name text; begin
        set local session_replication_role = replica;
        for name in ${OWN_TABLES}
        loop execute format('delete from %I', name); end loop;
      end $$`),
  );
}

/** Tables whose rows belong to the place, and not to its schema. */
const OWN_TABLES = `select tablename from pg_tables
  where schemaname = 'public' and tablename not in ('schema_migrations', 'version_transitions')`;

/** Puts aside what a place has come to; the returned function brings it back, as often as one likes. */
export async function savePlace(place: Place): Promise<() => Promise<void>> {
  const aside = join(place.folder, 'saved');
  rmSync(aside, { recursive: true, force: true });
  for (const name of FOLDERS)
    cpSync(join(place.folder, name), join(aside, name), { recursive: true, preserveTimestamps: true });
  await withClient(place.databaseUrl, (client) =>
    client.query(`
      do $$ declare name text; begin
        drop schema if exists saved cascade;
        create schema saved;
        for name in ${OWN_TABLES}
        loop execute format('create table saved.%I as select * from public.%I', name, name); end loop;
      end $$`),
  );
  return async () => {
    await emptyPlace(place);
    for (const name of FOLDERS)
      cpSync(join(aside, name), join(place.folder, name), { recursive: true, preserveTimestamps: true });
    await withClient(place.databaseUrl, (client) =>
      client.query(`
        do $$ declare name text; begin
          set local session_replication_role = replica;
          for name in ${OWN_TABLES}
          loop execute format('insert into public.%I overriding system value select * from saved.%I', name, name); end loop;
        end $$`),
    );
  };
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
