// A Temporal namespace per test file: task queues and workflow ids are fixed names, so files are kept apart by namespace.
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';

const KEYWORD = 2;
const BOOL = 5;

/** Registers a namespace with the product's search attributes; usable at once. Gives its name. */
export async function createNamespace(connection: Connection): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 } as never,
  });
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: {
      UnderstudyModel: KEYWORD,
      UnderstudyPhase: KEYWORD,
      UnderstudyChampion: KEYWORD,
      UnderstudyHealth: KEYWORD,
      UnderstudyPendingApproval: BOOL,
    },
  });
  return namespace;
}
