// Which of some workflows have ended, and with what outcome: for children whose report was lost because they were terminated or timed out.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';

/** Asks the server about each id. A completed child's result is its outcome; anything else that is closed counts as failed. */
export async function endedChildren(
  client: Client,
  ids: readonly string[],
): Promise<{ id: string; outcome: ChildOutcome }[]> {
  const asked = await Promise.all(ids.map(async (id) => ({ id, outcome: await outcomeOf(client, id) })));
  return asked.flatMap(({ id, outcome }) => (outcome ? [{ id, outcome }] : []));
}

async function outcomeOf(client: Client, id: string): Promise<ChildOutcome | null> {
  const handle = client.workflow.getHandle(id);
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return null;
    if (status.name === 'COMPLETED') return (await handle.result()) as ChildOutcome;
    return { type: 'failed', code: 'INTERNAL', message: `${id} was ${status.name.toLowerCase()}` };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      return { type: 'failed', code: 'INTERNAL', message: `${id} is not known to Temporal` };
    throw error;
  }
}
