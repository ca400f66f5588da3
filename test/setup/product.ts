// The whole product for one test file: a Temporal namespace, a database and an artifact folder of its own, both workers and serving in this
// process, and a web hook that counts alerts from outside. Real parts only.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createControlActivities, createDataActivities, createJobActivities } from '../../src/activities';
import { startAlertRelay } from '../../src/client/alert-relay';
import { createLifecycleClient, type LifecycleClient } from '../../src/client/lifecycle-client';
import { createLifecycleGateway } from '../../src/client/lifecycle-gateway';
import { createScheduleClient, type ScheduleClient } from '../../src/client/schedules';
import { createWebHook } from '../../src/client/web-hook';
import { createEngine } from '../../src/data/engine';
import { TASK_QUEUES } from '../../src/domain/ids';
import type { ArtifactStore } from '../../src/ports/artifacts';
import type { Stores } from '../../src/ports/stores';
import { createFileArtifactStore } from '../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../src/stores/stores';
import { startReceiver, type Receiver } from './alert-receiver';
import { createTestDatabase } from './database';
import { dumpHistories } from './histories';
import { createHolds, type Hold } from './holds';
import { createNamespace } from './namespace';
import { quietTemporal } from './quiet-temporal';
import { startServing } from './serving';

/** What the tests of one file share. */
export interface Product {
  readonly client: Client;
  readonly namespace: string;
  readonly lifecycles: LifecycleClient;
  readonly schedules: ScheduleClient;
  readonly stores: Stores;
  readonly databaseUrl: string;
  readonly artifacts: ArtifactStore;
  /** Address of the artifact store, where it is this product's own. */
  readonly artifactStore: string;
  readonly servingUrl: string;
  /** Folder with one folder per model; each has the files of the tiny one. */
  readonly modelsFolder: string;
  /** Alerts as the web hook's receiver has counted them. */
  readonly alerts: Receiver;
  /** Holds the next attempts of an activity before it does anything, so that something else can happen meanwhile. */
  hold(activity: string): Hold;
  /** Gives a model its folder with the tiny data. */
  addModelFolder(name: string): string;
  close(): Promise<void>;
}

export interface ProductOptions {
  /** Artifacts younger than this are spared by retention. Default: an hour, in milliseconds. */
  readonly sweepGraceMs?: number;
  /** Default: a folder of its own. */
  readonly artifacts?: ArtifactStore;
  /** Values of the variables that plans name for their job servers. Default: none. */
  readonly trainerSecrets?: Readonly<Record<string, string>>;
  /** Whether this process watches jobs elsewhere. Default: yes. */
  readonly watchesJobs?: boolean;
}

const TINY_DATA = join(__dirname, '../models/tiny');

/** Address of the shared Temporal server. */
export function temporalAddress(): string {
  return required('UNDERSTUDY_TEST_TEMPORAL_ADDRESS');
}

/** The workflow bundle that the global set-up made. */
export function bundlePath(): string {
  return required('UNDERSTUDY_TEST_BUNDLE');
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with the jest project "integration".`);
  return value;
}

/** Starts everything; the caller closes it. About a second. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  quietTemporal();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-product-'));
  const modelsFolder = join(folder, 'models');
  const database = await createTestDatabase();
  const stores = await createStores(database.url, { poolSize: 6 });
  const artifacts = options.artifacts ?? createFileArtifactStore(join(folder, 'artifacts'));
  const artifactStore = pathToFileURL(join(folder, 'artifacts')).href;
  const connection = await Connection.connect({ address: temporalAddress() });
  const namespace = await createNamespace(connection);
  const client = new Client({ connection, namespace });
  const alerts = await startReceiver();
  const serving = await startServing(database.url, artifacts);
  const engine = await createEngine({ threads: 1, memoryLimitMb: 1024, tempDir: await artifacts.tempDir() });
  const native = await NativeConnection.connect({ address: temporalAddress() });
  const holds = createHolds();
  const common = { connection: native, namespace, shutdownGraceTime: '1 s', shutdownForceTime: '5 s' } as const;
  const control = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.control,
    workflowBundle: { codePath: bundlePath() },
    activities: holds.around(
      createControlActivities({ stores, artifacts, gateway: createLifecycleGateway(client), servingUrl: serving.url }),
    ),
  });
  const data = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.data,
    activities: holds.around(
      createDataActivities({
        stores,
        artifacts,
        engine,
        modelsFolder,
        servingUrl: serving.url,
        trainingThreads: 1,
        sweepGraceMs: options.sweepGraceMs ?? 3_600_000,
      }),
    ),
    maxConcurrentActivityTaskExecutions: 4,
  });
  const jobs =
    options.watchesJobs === false
      ? null
      : await Worker.create({
          ...common,
          taskQueue: TASK_QUEUES.trainElsewhere,
          activities: holds.around(
            createJobActivities({
              stores,
              artifacts,
              artifactStore,
              callbackUrl: serving.url,
              trainerSecrets: options.trainerSecrets ?? {},
            }),
          ),
          maxHeartbeatThrottleInterval: '500 ms',
          defaultHeartbeatThrottleInterval: '500 ms',
        });
  const running = Promise.all([control.run(), data.run(), jobs?.run()]);
  const relay = startAlertRelay({
    outbox: stores.outbox,
    pollMs: 50,
    deliver: { log: () => undefined, webHook: createWebHook({ url: alerts.url }) },
  });
  return {
    client,
    namespace,
    lifecycles: createLifecycleClient(client, { timeoutMs: 20_000 }),
    schedules: createScheduleClient(client),
    stores,
    databaseUrl: database.url,
    artifacts,
    artifactStore,
    servingUrl: serving.url,
    modelsFolder,
    alerts,
    hold: (activity) => holds.hold(activity),
    addModelFolder(name) {
      const target = join(modelsFolder, name);
      mkdirSync(target, { recursive: true });
      for (const file of ['orders.csv', 'results.csv']) cpSync(join(TINY_DATA, file), join(target, file));
      return target;
    },
    async close() {
      holds.releaseAll();
      await dumpHistories(client);
      control.shutdown();
      data.shutdown();
      jobs?.shutdown();
      await running;
      await relay.stop();
      await serving.stop();
      engine.close();
      await native.close();
      await connection.close();
      await alerts.close();
      await stores.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
