// Keeps the histories of a test file's workflows when UNDERSTUDY_SAVE_HISTORIES names a folder: raw material of test/histories.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

/** One saved run of one workflow. */
export interface SavedHistory {
  readonly workflowId: string;
  readonly type: string;
  readonly history: { readonly events: readonly Record<string, unknown>[] };
}

/** Writes every run in the client's namespace; does nothing unless asked to. */
export async function dumpHistories(client: Client): Promise<void> {
  const folder = process.env['UNDERSTUDY_SAVE_HISTORIES'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    // The SDK's JSON is a string in some releases and an object in others.
    const json: unknown = historyToJSON(history);
    const saved = { workflowId, type, history: typeof json === 'string' ? (JSON.parse(json) as unknown) : json };
    const name = `${type}.${workflowId.replaceAll(/[^a-zA-Z0-9-]+/g, '_').slice(-60)}.${runId.slice(-6)}.json`;
    writeFileSync(join(folder, name), JSON.stringify(saved));
  }
}
