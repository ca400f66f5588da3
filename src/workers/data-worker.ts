// The data worker: DuckDB, onnxruntime-node, statistics, the trainers in TypeScript, and the watch over jobs elsewhere. Runs no workflow.
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDataActivities, createJobActivities } from '../activities';
import type { Config } from '../config';
import { createEngine } from '../data/engine';
import { TASK_QUEUES } from '../domain/ids';
import type { Stores } from '../ports/stores';
import { createArtifactStore } from '../stores/artifacts/open-store';
import type { RunningWorker } from './running-worker';
import { openSpillFolder } from './spill-folder';

/** Activities at once: two cores, and waiting ones (scoring, databases) beside them. */
const ACTIVITIES_AT_ONCE = 4;
/** Trainings elsewhere only wait. */
const JOBS_AT_ONCE = 200;
const ENGINE_THREADS = 1;
/** What does not fit spills to disk; the process stays below 1.5 GB with a partition of ten million rows. */
const ENGINE_MEMORY_MB = 1024;
/** A day: longer than any cycle takes to record what it has made. */
const SWEEP_GRACE_MS = 24 * 3600 * 1000;

export async function startDataWorker(config: Config, stores: Stores): Promise<RunningWorker> {
  const { connectionOptions, namespace } = config.temporal;
  const connection = await NativeConnection.connect(connectionOptions);
  const artifacts = createArtifactStore(config);
  const servingUrl = config.servingUrl ?? `http://127.0.0.1:${config.servingPort}`;
  const engine = await createEngine({
    threads: ENGINE_THREADS,
    memoryLimitMb: ENGINE_MEMORY_MB,
    tempDir: await openSpillFolder(config.home),
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUES.data,
    activities: createDataActivities({
      stores,
      artifacts,
      engine,
      modelsFolder: config.models,
      sourceConnections: config.sourceConnections,
      sourceS3: config.sourceS3,
      servingUrl,
      trainingThreads: config.trainingThreads,
      sweepGraceMs: SWEEP_GRACE_MS,
    }),
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE,
    maxHeartbeatThrottleInterval: '500 ms',
    defaultHeartbeatThrottleInterval: '500 ms',
    shutdownGraceTime: '5 s',
  });
  const jobs = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUES.trainElsewhere,
    activities: createJobActivities({
      stores,
      artifacts,
      artifactStore: config.artifactStore,
      callbackUrl: config.callbackUrl ?? servingUrl,
      trainerSecrets: config.trainerSecrets,
    }),
    maxConcurrentActivityTaskExecutions: JOBS_AT_ONCE,
    maxHeartbeatThrottleInterval: '500 ms',
    defaultHeartbeatThrottleInterval: '500 ms',
    shutdownGraceTime: '5 s',
  });
  return {
    worker: { run: async () => void (await Promise.all([worker.run(), jobs.run()])) },
    async close() {
      engine.close();
      await connection.close();
    },
  };
}
