// Seconds per sequential no-op activity and per child workflow on the embedded Temporal, with a worker of its own on its own task queue.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { discard, makeHome, startStackProcess } from '../scripts/proof/stack-process';
import { row, type Benchmark } from './benchmark';
import type { sequentialActivities, sequentialChildren } from './noop-workflows';

const WARM_UP = 20;
const ACTIVITIES = 200;
const CHILDREN = 100;
/** The best of so many rounds is the cost; what is above it is other work of the machine. */
const ROUNDS = 3;
const GOAL_PER_ACTIVITY_SECONDS = 0.015;
const TASK_QUEUE = 'bench';

export const orchestration: Benchmark = {
  name: 'orchestration',
  summary: 'sequential no-op activities and child workflows on the embedded default',
  async measure({ packageRoot, say }) {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const stack = await startStackProcess({ packageRoot, home: makeHome() });
    try {
      const { address, namespace } = stack.addresses().temporal;
      const { code } = await bundleWorkflowCode({
        workflowsPath: require.resolve('./noop-workflows'),
        logger: new DefaultLogger('ERROR'),
      });
      const native = await NativeConnection.connect({ address });
      const connection = await Connection.connect({ address });
      const client = new Client({ connection, namespace });
      const worker = await Worker.create({
        connection: native,
        namespace,
        taskQueue: TASK_QUEUE,
        workflowBundle: { code },
        activities: { noop: async () => undefined },
      });
      const secondsOf = async (type: 'sequentialActivities' | 'sequentialChildren', count: number): Promise<number> => {
        const options = { taskQueue: TASK_QUEUE, workflowId: `bench-${randomUUID()}`, args: [count] as [number] };
        const milliseconds = await client.workflow.execute<typeof sequentialActivities | typeof sequentialChildren>(
          type,
          options,
        );
        say(`  ${type}: ${count} in ${(milliseconds / 1000).toFixed(2)} s`);
        return milliseconds / 1000 / count;
      };
      const best = async (type: 'sequentialActivities' | 'sequentialChildren', count: number): Promise<number> => {
        await secondsOf(type, WARM_UP);
        const rounds: number[] = [];
        for (let at = 0; at < ROUNDS; at++) rounds.push(await secondsOf(type, count));
        return Math.min(...rounds);
      };
      const [activity, child] = await worker.runUntil(async () => [
        await best('sequentialActivities', ACTIVITIES),
        await best('sequentialChildren', CHILDREN),
      ]);
      await native.close();
      await connection.close();
      return [
        row('sequential no-op activity', activity, 's', GOAL_PER_ACTIVITY_SECONDS),
        row('sequential child workflow', child, 's'),
      ];
    } finally {
      await discard(stack);
    }
  },
};
