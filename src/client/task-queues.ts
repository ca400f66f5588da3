// Whether anybody listens on a task queue: work for one that nobody serves waits, and nothing else tells of it.
import type { Client } from '@temporalio/client';

/** The server's number for the kind of a task queue that has activities. */
const ACTIVITY = 2;

/** Task queues of activities, as the server knows them. */
export interface TaskQueues {
  /** Those of the names on which no worker has asked for an activity within the last minutes. */
  unserved(names: readonly string[]): Promise<string[]>;
}

/** The task queues of a client's namespace. */
export function createTaskQueues(client: Client): TaskQueues {
  const isServed = async (name: string): Promise<boolean> => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
      taskQueueType: ACTIVITY,
    });
    return (pollers?.length ?? 0) > 0;
  };
  return {
    async unserved(names) {
      const served = await Promise.all(names.map(isServed));
      return names.filter((_, at) => !served[at]);
    },
  };
}
