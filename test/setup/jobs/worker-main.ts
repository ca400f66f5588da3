// A worker process that only watches jobs elsewhere, so that a test can kill it. Its address book comes as one JSON argument.
import { NativeConnection, Worker } from '@temporalio/worker';
import { createJobActivities } from '../../../src/activities';
import { TASK_QUEUES } from '../../../src/domain/ids';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../src/stores/stores';

interface Addresses {
  readonly temporal: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly artifactStore: string;
  readonly callbackUrl: string;
}

async function main(): Promise<void> {
  const { temporal, namespace, databaseUrl, artifactStore, callbackUrl } = JSON.parse(process.argv[2]!) as Addresses;
  const stores = await createStores(databaseUrl, { poolSize: 2 });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: temporal }),
    namespace,
    taskQueue: TASK_QUEUES.trainElsewhere,
    activities: createJobActivities({
      ...{ stores, artifacts: createFileArtifactStore(artifactStore), artifactStore, callbackUrl, trainerSecrets: {} },
    }),
    maxHeartbeatThrottleInterval: '500 ms',
    defaultHeartbeatThrottleInterval: '500 ms',
  });
  process.stdout.write('polling\n');
  await worker.run();
}

void main();
