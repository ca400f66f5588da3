// The control worker: all workflows and the short activities; it also delivers the outbox and announces pushed rows. Never computes, so that decisions are never late.
import { NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { createControlActivities } from '../activities';
import { startAlertRelay } from '../client/alert-relay';
import { createLifecycleClient } from '../client/lifecycle-client';
import { createLifecycleGateway } from '../client/lifecycle-gateway';
import { startPushRelay } from '../client/push-relay';
import { createWebHook, type WebHook } from '../client/web-hook';
import type { Config } from '../config';
import { durationMs } from '../definition/settings';
import { TASK_QUEUES } from '../domain/ids';
import type { Stores } from '../ports/stores';
import { createArtifactStore } from '../stores/artifacts/open-store';
import type { RunningWorker } from './running-worker';

/** Entities kept in memory; the others are read from history again when they are woken. */
const CACHED_WORKFLOWS = 200;
/** How long a lifecycle may take to accept an announcement; it is repeated. */
const ANNOUNCE_TIMEOUT_MS = 10_000;

export async function startControlWorker(
  config: Config,
  stores: Stores,
  bundle: WorkflowBundle | { codePath: string },
): Promise<RunningWorker> {
  const { connectionOptions, namespace } = config.temporal;
  const connection = await NativeConnection.connect(connectionOptions);
  const clientConnection = await Connection.connect(connectionOptions);
  const client = new Client({ connection: clientConnection, namespace });
  const gateway = createLifecycleGateway(client);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUES.control,
    workflowBundle: bundle,
    activities: createControlActivities({
      stores,
      gateway,
      artifacts: createArtifactStore(config),
      servingUrl: config.servingUrl ?? `http://127.0.0.1:${config.servingPort}`,
    }),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxHeartbeatThrottleInterval: '500 ms',
    defaultHeartbeatThrottleInterval: '500 ms',
    shutdownGraceTime: '5 s',
  });
  const relay = startAlertRelay({
    outbox: stores.outbox,
    pollMs: config.pollMs,
    deliver: {
      log: (line) => process.stdout.write(`${JSON.stringify({ log: 'alert', ...line })}\n`),
      ...(config.alertWebhookUrl ? { webHook: webHookOf(config.alertWebhookUrl, config.alertWebhookSecret) } : {}),
    },
    onProblem: ({ id, message }) => process.stderr.write(`alert ${id ?? ''} not delivered: ${message}\n`),
  });
  const pushRelay = startPushRelay({
    pushes: stores.pushes,
    lifecycles: createLifecycleClient(client, { timeoutMs: ANNOUNCE_TIMEOUT_MS }),
    planOf: async (model) => {
      const current = await stores.definitions.current(model);
      return current && (await stores.definitions.load(current.digest)).plan;
    },
    durationMs,
    pollMs: config.pollMs,
    onProblem: ({ partition, message }) =>
      process.stderr.write(`pushed rows ${partition ?? ''} not announced: ${message}\n`),
  });
  return {
    worker,
    async close() {
      await pushRelay.stop();
      await relay.stop();
      await clientConnection.close();
      await connection.close();
    },
  };
}

function webHookOf(url: string, secret: string | undefined): WebHook {
  return createWebHook(secret === undefined ? { url } : { url, secret });
}
